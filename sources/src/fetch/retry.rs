//! When to ask again: after what passes by itself, three times in all, later each time, never in step.

use std::time::Duration;

/// How often to ask again, and when.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Retry {
    /// Tries in all.
    pub tries: u32,
    /// The wait before the second try; it doubles with each. Between half of it and all of it is waited.
    pub first_wait: Duration,
    /// The longest wait that a server may ask for; if it asks for more, the fetch fails for now.
    pub longest_wait: Duration,
}

impl Default for Retry {
    /// Three tries, 2 s and 4 s apart at most, five minutes where the server asks for them.
    fn default() -> Self {
        Retry { tries: 3, first_wait: Duration::from_secs(2), longest_wait: Duration::from_secs(300) }
    }
}

/// How a try failed.
#[derive(Debug)]
pub(super) enum Failure<E> {
    /// It would fail again.
    Final(E),
    /// It may pass by itself.
    Passing(E),
    /// The server says when to come back: the error if that is soon, and the error if it is not.
    Wait(Duration, E, E),
}

/// Tries until it works, fails for good, or was tried often enough.
pub(super) async fn run<T, E, F: Future<Output = Result<T, Failure<E>>>>(
    retry: &Retry,
    seed: u64,
    mut attempt: impl FnMut() -> F,
) -> Result<T, E> {
    let mut number = 1;
    loop {
        let (wait, error) = match attempt().await {
            Ok(done) => return Ok(done),
            Err(Failure::Final(error)) => return Err(error),
            Err(Failure::Wait(wait, _, late)) if wait > retry.longest_wait => return Err(late),
            Err(Failure::Wait(wait, error, _)) => (wait, error),
            Err(Failure::Passing(error)) => (retry.wait(number, seed), error),
        };
        if number >= retry.tries {
            return Err(error);
        }
        number += 1;
        tokio::time::sleep(wait).await;
    }
}

impl Retry {
    /// The wait after try `number`: doubled each time, of which between a half and all.
    fn wait(&self, number: u32, seed: u64) -> Duration {
        let longest = self.first_wait.saturating_mul(1 << number.saturating_sub(1).min(16));
        let share = u32::try_from(mix(seed.wrapping_add(u64::from(number))) >> 33).unwrap_or(0);
        let half = longest / 2;
        half + half.mul_f64(f64::from(share) / f64::from(1u32 << 31))
    }
}

/// SplitMix64 (Steele, Lea, Flood 2014): any seed becomes evenly spread bits.
pub(crate) fn mix(seed: u64) -> u64 {
    let mut z = seed.wrapping_add(0x9e37_79b9_7f4a_7c15);
    z = (z ^ (z >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
    z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
    z ^ (z >> 31)
}

#[cfg(test)]
mod tests {
    use std::cell::Cell;

    use super::*;

    /// Runs the scripted failures one after the other, then succeeds; gives the result, tries and time.
    async fn check(script: &[fn() -> Failure<&'static str>]) -> (Result<(), &'static str>, usize, Duration) {
        let tries = Cell::new(0);
        let started = tokio::time::Instant::now();
        let result = run(&Retry::default(), 7, || {
            let step = script.get(tries.replace(tries.get() + 1));
            async move { step.map_or(Ok(()), |failure| Err(failure())) }
        })
        .await;
        (result, tries.get(), started.elapsed())
    }

    #[tokio::test(start_paused = true)]
    async fn what_passes_is_tried_three_times() {
        let passing: fn() -> Failure<&'static str> = || Failure::Passing("down");
        let (result, tries, waited) = check(&[passing, passing]).await;
        assert_eq!((result, tries), (Ok(()), 3));
        assert!(waited >= Duration::from_secs(3) && waited <= Duration::from_secs(7), "{waited:?}");
        let (result, tries, _) = check(&[passing; 9]).await;
        assert_eq!((result, tries), (Err("down"), 3));
    }

    #[tokio::test(start_paused = true)]
    async fn what_does_not_pass_is_tried_once() {
        let (result, tries, waited) = check(&[|| Failure::Final("not found")]).await;
        assert_eq!((result, tries, waited), (Err("not found"), 1, Duration::ZERO));
    }

    #[tokio::test(start_paused = true)]
    async fn a_server_may_say_when_up_to_a_limit() {
        let (result, tries, waited) = check(&[|| Failure::Wait(Duration::from_secs(120), "busy", "late")]).await;
        assert_eq!((result, tries, waited.as_secs()), (Ok(()), 2, 120));
        let (result, tries, waited) = check(&[|| Failure::Wait(Duration::from_secs(301), "busy", "late")]).await;
        assert_eq!((result, tries, waited), (Err("late"), 1, Duration::ZERO));
    }

    #[test]
    fn waits_double_and_differ_by_seed() {
        let retry = Retry { tries: 9, ..Retry::default() };
        for number in 1..40 {
            let longest = Duration::from_secs(2 << (number - 1).min(16));
            for seed in 0..50 {
                let wait = retry.wait(number, seed);
                assert!(wait >= longest / 2 && wait <= longest, "{number} {seed} {wait:?}");
            }
        }
        assert_ne!(retry.wait(1, 1), retry.wait(1, 2));
        assert_eq!(retry.wait(1, 1), retry.wait(1, 1));
    }
}
