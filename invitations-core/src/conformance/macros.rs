/// One named test per case; each suite's own macro lists its cases and calls this.
///
/// `$test` is the caller's test attribute, so no runtime is chosen here. The fixture expression is evaluated anew in each test.
#[doc(hidden)]
#[macro_export]
macro_rules! __suite {
    ($(#[$test:meta])+ $fixture:expr; $suite:ident: $($case:ident),+ $(,)?) => {
        $crate::__suite!(@each [$(#[$test])+] [$fixture] $suite: $($case),+);
    };
    (@each $tests:tt $fixture:tt $suite:ident: $($case:ident),+) => {
        $($crate::__suite!(@one $tests $fixture $suite $case);)+
    };
    (@one [$(#[$test:meta])+] [$fixture:expr] $suite:ident $case:ident) => {
        $(#[$test])+
        async fn $case() {
            if let Err(finding) = $crate::conformance::$suite::$case(&$fixture).await {
                panic!("{finding}");
            }
        }
    };
}
