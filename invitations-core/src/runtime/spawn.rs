use std::{fmt::Debug, future::Future, pin::Pin};

/// A boxed future that can be sent between threads.
pub type BoxFuture<'a, T> = Pin<Box<dyn Future<Output = T> + Send + 'a>>;

/// Runs a task that must finish although its caller may go away.
pub trait Spawner: Debug + Send + Sync + 'static {
    /// Starts `task`; returns at once.
    fn spawn(&self, task: BoxFuture<'static, ()>);
}
