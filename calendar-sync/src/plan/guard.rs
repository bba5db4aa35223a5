//! Too many deletions at once are more likely a broken source than a wish.

/// Whether so many implied deletions, out of so many live events, need a person: more than 5 and more than a tenth.
pub(crate) fn too_many(implied: usize, live: usize) -> bool {
    implied > 5.max(live / 10)
}

#[cfg(test)]
mod tests {
    use super::too_many;

    #[test]
    fn five_or_a_tenth() {
        for (implied, live, held) in [
            (0, 0, false),
            (5, 5, false),
            (6, 6, true),
            (6, 60, false),
            (7, 60, true),
            (10, 100, false),
            (11, 100, true),
        ] {
            assert_eq!(too_many(implied, live), held, "{implied} of {live}");
        }
    }
}
