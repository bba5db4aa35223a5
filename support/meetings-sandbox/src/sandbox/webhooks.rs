//! Deliveries under way: one after the other, but those that a fault delays or holds.

use std::sync::Arc;

use tokio::{
    sync::{
        mpsc::{UnboundedReceiver, UnboundedSender, unbounded_channel},
        watch,
    },
    task::JoinSet,
};

use super::Shared;
use crate::{faults::Fault, serve::deliver, world::Outgoing};

/// Deliveries on their way to whoever sends them, and how many are not done.
#[derive(Debug)]
pub(super) struct Post {
    sender: UnboundedSender<Outgoing>,
    under_way: watch::Sender<usize>,
}

impl Post {
    pub(super) fn new() -> (Self, UnboundedReceiver<Outgoing>) {
        let (sender, receiver) = unbounded_channel();
        (Self { sender, under_way: watch::Sender::new(0) }, receiver)
    }

    pub(super) fn send(&self, all: Vec<Outgoing>) {
        for outgoing in all {
            self.begun();
            if self.sender.send(outgoing).is_err() {
                self.ended();
            }
        }
    }

    pub(super) async fn idle(&self) {
        // the sender lives as long as this
        let _ = self.under_way.subscribe().wait_for(|count| *count == 0).await;
    }

    fn begun(&self) {
        self.under_way.send_modify(|count| *count += 1);
    }

    fn ended(&self) {
        self.under_way.send_modify(|count| *count = count.saturating_sub(1));
    }
}

/// Sends deliveries until the task is dropped.
pub(super) async fn work(shared: Arc<Shared>, mut outgoing: UnboundedReceiver<Outgoing>) {
    let mut late = JoinSet::new();
    loop {
        tokio::select! {
            next = outgoing.recv() => {
                let Some(next) = next else { return };
                let path = deliver::place(&next.target).map_or_else(String::new, |(_, _, url)| url.path().to_owned());
                let fault = shared.lock().world.faults.choose_for_delivery(&path);
                if matches!(fault, Some(Fault::Delay { .. } | Fault::Hold { .. })) {
                    let shared = Arc::clone(&shared);
                    late.spawn(async move { one(&shared, &next, fault).await });
                } else {
                    one(&shared, &next, fault).await;
                }
            }
            Some(_) = late.join_next() => {}
        }
    }
}

async fn one(shared: &Shared, outgoing: &Outgoing, fault: Option<Fault>) {
    match &fault {
        Some(Fault::Delay { millis, .. }) => super::handle::wait(*millis).await,
        Some(Fault::Hold { .. }) => {
            shared.released(|| shared.webhooks.ended()).await;
            shared.webhooks.begun();
        }
        _ => {}
    }
    let times = match &fault {
        Some(Fault::LostRequest | Fault::StatusBefore { .. } | Fault::Throttle { .. }) => 0,
        Some(Fault::Duplicate) => 2,
        _ => 1,
    };
    let here = deliver::place(&outgoing.target).is_some();
    let name = if here { fault.as_ref().map(Fault::kind) } else { Some("elsewhere") };
    if times == 0 || !here {
        // nobody sees that it was lost; what is not on this machine is neither a success nor a failure
        let failed = here && !matches!(fault, Some(Fault::LostRequest));
        ended(shared, outgoing, None, !failed, name);
    }
    for _ in 0..if here { times } else { 0 } {
        let status = deliver::deliver(outgoing).await;
        let unheard = matches!(fault, Some(Fault::LostReply | Fault::StatusAfter { .. }));
        let well = status.is_some_and(|status| (200..300).contains(&status)) && !unheard;
        ended(shared, outgoing, status, well, name);
    }
    shared.webhooks.ended();
}

fn ended(shared: &Shared, outgoing: &Outgoing, status: Option<u16>, well: bool, fault: Option<&str>) {
    let mut hub = shared.lock();
    hub.world.webhook_answered(&outgoing.webhook, well);
    let at = hub.world.now();
    hub.deliveries.push(outgoing.ended(at, status, fault));
    // a state file that cannot be written shows at the next provider call
    let _ = shared.save(&hub);
}
