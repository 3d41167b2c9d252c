//! A lane: requests of one kind of probe, measured side by side, within budgets, each announced before it starts.
//!
//! ```text
//! requests ─► queue (turn of the host) ─► turn of the lane, a place among those under way ─► announce ─► measure ─► done
//! ```
//!
//! What is announced is written down by the receiver before the lane goes on: so a process that is killed knows
//! afterwards what it had begun. Nothing starts that was not announced, and everything that was announced is done.

use std::collections::HashMap;
use std::future::Future;
use std::sync::Arc;
use std::time::Duration;

use panopticon_model::observation::{Measured, ObservationKey, Outcome, Request};
use tokio::sync::{OwnedSemaphorePermit, Semaphore, mpsc, oneshot};
use tokio::task::{self, JoinError, JoinSet};
use tokio::time::{Instant, sleep_until};

use super::pace::Pace;
use super::queue::Queue;

/// What a lane tells.
#[derive(Debug)]
pub enum Event {
    /// These are about to start. They start when the answer comes, and not at all if the receiver is gone.
    Starting(Vec<ObservationKey>, oneshot::Sender<()>),
    /// This is done.
    Done(ObservationKey, Box<Measured>),
}

/// How fast a lane goes.
#[derive(Clone, Copy, Debug)]
pub struct LaneBudget {
    /// Probes under way at one time.
    pub at_once: usize,
    /// Probes that start in a second; zero for no limit.
    pub per_second: f64,
    /// Probes of one host that start in a second; zero for no limit.
    pub per_host: f64,
}

/// What all lanes share.
#[derive(Clone, Debug)]
pub(super) struct Overall {
    /// Places for probes that are under way.
    pub(super) places: Arc<Semaphore>,
    /// Turns of all probes.
    pub(super) turns: Arc<Pace<()>>,
}

/// Probes that are announced together.
const TOGETHER: usize = 256;
/// How long a lane waits for more to announce.
const GATHER: Duration = Duration::from_millis(5);

/// Measures what comes, until nothing more can come and everything is done.
pub(super) async fn run<F, M>(
    budget: LaneBudget,
    overall: Overall,
    mut requests: mpsc::Receiver<Vec<Request>>,
    events: mpsc::Sender<Event>,
    measure: F,
) where
    F: Fn(Request) -> M,
    M: Future<Output = Measured> + Send + 'static,
{
    let hosts = Pace::new(budget.per_host, 1);
    let turns = Pace::new(budget.per_second, 1);
    let places = Arc::new(Semaphore::new(budget.at_once.max(1)));
    let mut queue = Queue::default();
    let mut under_way = JoinSet::new();
    let mut keys: HashMap<task::Id, ObservationKey> = HashMap::new();
    let mut open = true;
    while open || queue.next(Instant::now()).is_some() || !under_way.is_empty() {
        let next = queue.next(Instant::now());
        tokio::select! {
            more = requests.recv(), if open => match more {
                Some(more) => {
                    let now = Instant::now();
                    for request in more {
                        let turn = hosts.reserve(request.key.host().to_owned(), now);
                        queue.push(turn, request);
                    }
                }
                None => open = false,
            },
            Some(done) = under_way.join_next_with_id(), if !under_way.is_empty() => {
                let id = done.as_ref().map_or_else(JoinError::id, |(id, _)| *id);
                // A probe that panicked has told nothing of its target, and is asked for again later.
                let measured = done.map_or_else(|_| Measured::bare(Outcome::Malformed), |(_, measured)| measured);
                let Some(key) = keys.remove(&id) else { continue };
                if events.send(Event::Done(key, Box::new(measured))).await.is_err() {
                    return;
                }
            }
            place = ready(next, &places, &overall), if next.is_some() => {
                let starting = gather(place, &mut queue, &places, &overall, &turns).await;
                if !announce(&starting, &events).await {
                    return;
                }
                for (request, place) in starting {
                    let (key, measuring) = (request.key.clone(), measure(request));
                    let task = under_way.spawn(async move {
                        let measured = measuring.await;
                        drop(place);
                        measured
                    });
                    keys.insert(task.id(), key);
                }
            }
        }
    }
}

/// A place in the lane and one of all places.
type Places = (OwnedSemaphorePermit, OwnedSemaphorePermit);

/// Waits until something is due and there is a place for it.
async fn ready(next: Option<Instant>, places: &Arc<Semaphore>, overall: &Overall) -> Option<Places> {
    sleep_until(next?).await;
    let place = Arc::clone(places).acquire_owned().await.ok()?;
    Some((place, Arc::clone(&overall.places).acquire_owned().await.ok()?))
}

/// Takes what is due, as long as there are places and turns come quickly.
async fn gather(
    mut place: Option<Places>,
    queue: &mut Queue,
    places: &Arc<Semaphore>,
    overall: &Overall,
    turns: &Pace<()>,
) -> Vec<(Request, Places)> {
    let mut starting = Vec::new();
    let until = Instant::now() + GATHER;
    while let Some(taken) = place.take() {
        let Some(request) = queue.pop(Instant::now()) else { break };
        turns.turn(()).await;
        overall.turns.turn(()).await;
        starting.push((request, taken));
        if starting.len() == TOGETHER || Instant::now() >= until {
            break;
        }
        let lane = Arc::clone(places).try_acquire_owned().ok();
        place = lane.zip(Arc::clone(&overall.places).try_acquire_owned().ok());
    }
    starting
}

/// Announces what starts; false if nobody listens.
async fn announce(starting: &[(Request, Places)], events: &mpsc::Sender<Event>) -> bool {
    if starting.is_empty() {
        return true;
    }
    let (sender, heard) = oneshot::channel();
    let keys = starting.iter().map(|(request, _)| request.key.clone()).collect();
    events.send(Event::Starting(keys, sender)).await.is_ok() && heard.await.is_ok()
}

#[cfg(test)]
#[allow(clippy::unwrap_used, reason = "a test that cannot go on ends here")]
mod tests {
    use std::collections::{BTreeMap, BTreeSet};
    use std::sync::atomic::{AtomicUsize, Ordering};

    use panopticon_model::observation::ProbeKind;

    use super::*;

    fn request(host: usize, page: usize) -> Request {
        let target = format!("http://host{host}.xx/{page}").into();
        let key = ObservationKey { target, kind: ProbeKind::Http, vantage: "a".into() };
        Request { key, priority: 0, spelled: None }
    }

    fn overall(at_once: usize) -> Overall {
        Overall { places: Arc::new(Semaphore::new(at_once)), turns: Arc::new(Pace::unlimited()) }
    }

    /// Runs a lane over `hosts` times `pages` requests whose probes take `takes`; gives when each of them started, how
    /// many were under way at most, and which were announced before they started.
    async fn lane(
        budget: LaneBudget,
        all: usize,
        hosts: usize,
        pages: usize,
        takes: Duration,
    ) -> (BTreeMap<String, Duration>, usize) {
        let (requests, incoming) = mpsc::channel(4);
        let (events, mut told) = mpsc::channel(4);
        let all_of_them: Vec<Request> =
            (0..pages).flat_map(|page| (0..hosts).map(move |host| request(host, page))).collect();
        let count = all_of_them.len();
        requests.send(all_of_them).await.unwrap();
        drop(requests);
        let (now, most) = (Arc::new(AtomicUsize::new(0)), Arc::new(AtomicUsize::new(0)));
        let (started, start) = (Arc::new(std::sync::Mutex::new(BTreeMap::new())), Instant::now());
        let announced = Arc::new(std::sync::Mutex::new(BTreeSet::new()));
        let measure = {
            let (now, most, started, announced) =
                (Arc::clone(&now), Arc::clone(&most), Arc::clone(&started), Arc::clone(&announced));
            move |request: Request| {
                assert!(announced.lock().unwrap().contains(&request.key), "it was not announced");
                let earlier = started.lock().unwrap().insert(request.key.target.to_string(), start.elapsed());
                assert_eq!(earlier, None, "it was started twice");
                most.fetch_max(now.fetch_add(1, Ordering::SeqCst) + 1, Ordering::SeqCst);
                let now = Arc::clone(&now);
                async move {
                    tokio::time::sleep(takes).await;
                    now.fetch_sub(1, Ordering::SeqCst);
                    Measured::bare(Outcome::Content)
                }
            }
        };
        let lane = run(budget, overall(all), incoming, events, measure);
        let desk = async {
            let mut done = 0;
            while let Some(event) = told.recv().await {
                match event {
                    Event::Starting(keys, heard) => {
                        announced.lock().unwrap().extend(keys);
                        let _ = heard.send(());
                    }
                    Event::Done(..) => done += 1,
                }
            }
            assert_eq!(done, count, "not everything was done");
        };
        tokio::join!(lane, desk);
        let started = started.lock().unwrap().clone();
        (started, most.load(Ordering::SeqCst))
    }

    #[tokio::test(start_paused = true)]
    async fn no_more_are_under_way_than_may_be() {
        let budget = LaneBudget { at_once: 7, per_second: 0.0, per_host: 0.0 };
        assert_eq!(lane(budget, 100, 40, 1, Duration::from_secs(1)).await.1, 7);
        let budget = LaneBudget { at_once: 50, ..budget };
        assert_eq!(lane(budget, 5, 40, 1, Duration::from_secs(1)).await.1, 5, "the places of all lanes");
    }

    #[tokio::test(start_paused = true)]
    async fn a_host_with_many_pages_holds_up_nobody() {
        let budget = LaneBudget { at_once: 4, per_second: 0.0, per_host: 1.0 };
        let (started, _) = lane(budget, 100, 3, 60, Duration::from_millis(10)).await;
        for host in 0..3 {
            let mut starts: Vec<Duration> =
                (0..60).map(|page| started[&format!("http://host{host}.xx/{page}")]).collect();
            starts.sort_unstable();
            assert!(starts.windows(2).all(|pair| pair[1] - pair[0] >= Duration::from_millis(900)), "{starts:?}");
            assert!(starts[59] < Duration::from_secs(62), "{:?}", starts[59]);
        }
    }

    #[tokio::test(start_paused = true)]
    async fn the_lane_has_a_pace_of_its_own() {
        let budget = LaneBudget { at_once: 50, per_second: 10.0, per_host: 0.0 };
        let (started, _) = lane(budget, 100, 100, 1, Duration::from_secs(3)).await;
        let last = started.values().max().unwrap();
        assert!((9.8..10.2).contains(&last.as_secs_f64()), "{last:?}");
    }

    #[tokio::test(start_paused = true)]
    async fn a_probe_that_panics_has_told_nothing() {
        let (requests, incoming) = mpsc::channel(4);
        let (events, mut told) = mpsc::channel(4);
        requests.send(vec![request(0, 0), request(1, 0)]).await.unwrap();
        drop(requests);
        let budget = LaneBudget { at_once: 4, per_second: 0.0, per_host: 0.0 };
        let measure = |request: Request| async move {
            assert!(request.key.target != "http://host1.xx/0", "a probe that panics");
            Measured::bare(Outcome::Content)
        };
        let desk = async {
            let mut done = BTreeMap::new();
            while let Some(event) = told.recv().await {
                match event {
                    Event::Starting(_, heard) => drop(heard.send(())),
                    Event::Done(key, measured) => drop(done.insert(key.target.to_string(), measured.outcome)),
                }
            }
            done
        };
        let ((), done) = tokio::join!(run(budget, overall(4), incoming, events, measure), desk);
        let told = |host: &str| done.get(&format!("http://{host}.xx/0")).copied();
        assert_eq!((told("host0"), told("host1")), (Some(Outcome::Content), Some(Outcome::Malformed)));
    }

    #[tokio::test(start_paused = true)]
    async fn nothing_starts_when_nobody_listens() {
        let (requests, incoming) = mpsc::channel(4);
        let (events, told) = mpsc::channel(4);
        requests.send(vec![request(0, 0)]).await.unwrap();
        drop(told);
        let budget = LaneBudget { at_once: 4, per_second: 0.0, per_host: 0.0 };
        let measure = |_| async { panic!("it started") };
        run(budget, overall(4), incoming, events, measure).await;
    }
}
