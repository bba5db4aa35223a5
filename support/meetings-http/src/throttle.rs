//! Lanes: so many requests at a time per name, first come first served.

use std::{
    collections::{HashMap, VecDeque},
    sync::{Arc, Mutex, MutexGuard, PoisonError},
};

use futures_channel::oneshot;

/// All lanes of a pipeline. A lane exists while somebody is in it or waits for it.
#[derive(Clone, Debug)]
pub(crate) struct Lanes {
    width: usize,
    lanes: Arc<Mutex<HashMap<String, Lane>>>,
}

#[derive(Debug, Default)]
struct Lane {
    inside: usize,
    waiting: VecDeque<oneshot::Sender<Permit>>,
}

/// A place in a lane; given back on drop, wherever that happens.
#[derive(Debug)]
pub(crate) struct Permit {
    /// `None` once the place was passed on.
    place: Option<(Lanes, String)>,
}

impl Lanes {
    pub(crate) fn new(width: usize) -> Self {
        Self { width: width.max(1), lanes: Arc::default() }
    }

    fn lock(&self) -> MutexGuard<'_, HashMap<String, Lane>> {
        self.lanes.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Waits for a place in the lane `name`. Dropping the future gives up the turn, or the place if it was just given.
    pub(crate) async fn enter(&self, name: &str) -> Permit {
        loop {
            let turn = {
                let mut lanes = self.lock();
                let lane = lanes.entry(name.to_owned()).or_default();
                if lane.inside < self.width {
                    lane.inside += 1;
                    return self.permit(name.to_owned());
                }
                let (give, turn) = oneshot::channel();
                lane.waiting.retain(|waiter| !waiter.is_canceled());
                lane.waiting.push_back(give);
                turn
            };
            if let Ok(permit) = turn.await {
                return permit;
            }
        }
    }

    fn permit(&self, name: String) -> Permit {
        Permit { place: Some((self.clone(), name)) }
    }

    /// Passes a place on to whoever waits longest, or frees it.
    fn leave(&self, name: String) {
        loop {
            let next = {
                let mut lanes = self.lock();
                let Some(lane) = lanes.get_mut(&name) else { return };
                match lane.waiting.pop_front() {
                    Some(next) => next,
                    None => {
                        lane.inside -= 1;
                        if lane.inside == 0 {
                            lanes.remove(&name);
                        }
                        return;
                    }
                }
            };
            // outside the lock: a waiter that has gone away hands the permit back, and dropping one takes the lock
            match next.send(self.permit(name.clone())) {
                Ok(()) => return,
                Err(mut unwanted) => unwanted.place = None,
            }
        }
    }
}

impl Drop for Permit {
    fn drop(&mut self) {
        if let Some((lanes, name)) = self.place.take() {
            lanes.leave(name);
        }
    }
}

#[cfg(test)]
mod tests {
    use futures_util::FutureExt as _;

    use super::*;

    fn now<T>(future: &mut (impl Future<Output = T> + Unpin)) -> Option<T> {
        future.now_or_never()
    }

    #[test]
    fn first_come_first_served_up_to_the_width() {
        let lanes = Lanes::new(2);
        let (first, _second) =
            (now(&mut Box::pin(lanes.enter("a"))).unwrap(), now(&mut Box::pin(lanes.enter("a"))).unwrap());
        let (mut third, mut fourth) = (Box::pin(lanes.enter("a")), Box::pin(lanes.enter("a")));
        assert!(now(&mut third).is_none() && now(&mut fourth).is_none());
        assert!(now(&mut Box::pin(lanes.enter("b"))).is_some(), "another lane is free");
        drop(first);
        assert!(now(&mut fourth).is_none(), "the third was there before");
        let third = now(&mut third).expect("its turn");
        drop(third);
        assert!(now(&mut fourth).is_some());
    }

    #[test]
    fn whoever_goes_away_loses_no_place_for_the_others() {
        let lanes = Lanes::new(1);
        let first = now(&mut Box::pin(lanes.enter("a"))).unwrap();
        let (mut gone, mut given, mut last) =
            (Box::pin(lanes.enter("a")), Box::pin(lanes.enter("a")), Box::pin(lanes.enter("a")));
        assert!(now(&mut gone).is_none() && now(&mut given).is_none() && now(&mut last).is_none());
        drop(gone);
        drop(first);
        // the place is already on its way to `given`, which goes away without looking
        drop(given);
        let last = now(&mut last).expect("the place came through");
        drop(last);
        assert!(lanes.lock().is_empty(), "an idle lane is forgotten");
    }
}
