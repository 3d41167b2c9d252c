//! The queue of a lane: what waits for its turn, and what comes next.

use std::cmp::Reverse;
use std::collections::BinaryHeap;

use panopticon_model::observation::Request;
use tokio::time::Instant;

/// Requests that wait. What is due comes out by priority, then in the order of coming.
#[derive(Debug, Default)]
pub(super) struct Queue {
    /// What is not due yet, by its turn.
    waiting: BinaryHeap<Reverse<(Instant, Place)>>,
    /// What is due, by priority.
    due: BinaryHeap<Reverse<Place>>,
    /// How many came so far.
    count: u64,
}

/// A request in the queue. It sorts by priority, then by when it came.
#[derive(Debug, PartialEq, Eq, PartialOrd, Ord)]
struct Place {
    priority: u8,
    number: u64,
    request: Request,
}

impl Queue {
    /// Adds a request whose turn is at `turn`.
    pub(super) fn push(&mut self, turn: Instant, request: Request) {
        self.count += 1;
        self.waiting.push(Reverse((turn, Place { priority: request.priority, number: self.count, request })));
    }

    /// Takes what comes next and is due at `now`.
    pub(super) fn pop(&mut self, now: Instant) -> Option<Request> {
        while self.waiting.peek().is_some_and(|Reverse((turn, _))| *turn <= now) {
            if let Some(Reverse((_, place))) = self.waiting.pop() {
                self.due.push(Reverse(place));
            }
        }
        self.due.pop().map(|Reverse(place)| place.request)
    }

    /// When something is due; none if nothing waits.
    pub(super) fn next(&self, now: Instant) -> Option<Instant> {
        match self.due.is_empty() {
            false => Some(now),
            true => self.waiting.peek().map(|Reverse((turn, _))| *turn),
        }
    }
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use panopticon_model::observation::{ObservationKey, ProbeKind};

    use super::*;

    fn request(target: &str, priority: u8) -> Request {
        let key = ObservationKey { target: target.into(), kind: ProbeKind::Http, vantage: "".into() };
        Request { key, priority, spelled: None }
    }

    #[test]
    fn what_is_due_comes_out_by_priority_then_as_it_came() {
        let now = Instant::now();
        let later = now + Duration::from_secs(5);
        let mut queue = Queue::default();
        for (target, priority, turn) in [
            ("b", 2, now),
            ("late", 0, later),
            ("a", 1, now),
            ("c", 2, now),
            ("never", 0, later + later.elapsed()),
        ] {
            queue.push(turn, request(target, priority));
        }
        let mut out =
            |now| std::iter::from_fn(|| queue.pop(now)).map(|it| it.key.target.to_string()).collect::<Vec<_>>();
        assert_eq!(out(now), ["a", "b", "c"]);
        assert_eq!(out(now), Vec::<String>::new());
        assert_eq!(out(later), ["late", "never"]);
    }

    #[test]
    fn the_next_one_is_the_first_of_those_that_wait() {
        let now = Instant::now();
        let mut queue = Queue::default();
        assert_eq!(queue.next(now), None);
        queue.push(now + Duration::from_secs(5), request("b", 0));
        queue.push(now + Duration::from_secs(3), request("a", 0));
        assert_eq!(queue.next(now), Some(now + Duration::from_secs(3)));
        assert_eq!(queue.pop(now + Duration::from_secs(4)).map(|it| it.key.target), Some("a".into()));
    }
}
