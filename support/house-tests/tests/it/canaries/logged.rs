//! Everything that is logged in this process, at every level, by anybody.

use std::{
    fmt::{self, Write as _},
    sync::{Mutex, MutexGuard, Once, PoisonError},
};

static TEXT: Mutex<Option<String>> = Mutex::new(None);
static ONCE: Once = Once::new();

fn text() -> MutexGuard<'static, Option<String>> {
    TEXT.lock().unwrap_or_else(PoisonError::into_inner)
}

/// From here on it is written down.
pub(super) fn start() {
    ONCE.call_once(|| {
        tracing::subscriber::set_global_default(Everything).expect("nobody else listens");
        log::set_logger(&Everything).expect("nobody else listens");
        log::set_max_level(log::LevelFilter::Trace);
    });
    text().get_or_insert_default();
}

/// What was written down.
pub(super) fn stop() -> String {
    text().take().unwrap_or_default()
}

fn write(line: fmt::Arguments<'_>) {
    if let Some(text) = &mut *text() {
        let _ = text.write_fmt(line);
    }
}

struct Everything;

struct Fields;

impl tracing::field::Visit for Fields {
    fn record_debug(&mut self, field: &tracing::field::Field, value: &dyn fmt::Debug) {
        // formatted first: it may log itself
        let value = format!("{value:?}");
        write(format_args!("{field}={value} "));
    }
}

impl tracing::Subscriber for Everything {
    fn enabled(&self, _: &tracing::Metadata<'_>) -> bool {
        true
    }
    fn new_span(&self, span: &tracing::span::Attributes<'_>) -> tracing::span::Id {
        span.record(&mut Fields);
        tracing::span::Id::from_u64(1)
    }
    fn record(&self, _: &tracing::span::Id, values: &tracing::span::Record<'_>) {
        values.record(&mut Fields);
    }
    fn record_follows_from(&self, _: &tracing::span::Id, _: &tracing::span::Id) {}
    fn event(&self, event: &tracing::Event<'_>) {
        write(format_args!("\n{} {} ", event.metadata().level(), event.metadata().target()));
        event.record(&mut Fields);
    }
    fn enter(&self, _: &tracing::span::Id) {}
    fn exit(&self, _: &tracing::span::Id) {}
}

impl log::Log for Everything {
    fn enabled(&self, _: &log::Metadata<'_>) -> bool {
        true
    }
    fn log(&self, record: &log::Record<'_>) {
        let said = format!("{}", record.args());
        write(format_args!("\n{} {} {said}", record.level(), record.target()));
    }
    fn flush(&self) {}
}
