//! Room: cli. What a person sees on stderr while a command works; indicatif lives here.

use super::Failure;
use crate::sim::Progress;
use crate::units::SimTime;
use indicatif::{HumanDuration, ProgressBar, ProgressDrawTarget, ProgressState, ProgressStyle};
use std::fmt::Write;
use std::sync::Arc;
use std::sync::atomic::{AtomicU32, AtomicU64, Ordering::Relaxed};
use std::time::Duration;

/// Notices and progress, unless they are not wanted.
#[derive(Clone, Copy)]
pub(super) enum Screen {
    /// Shows both.
    Open,
    /// Notices only, for `--json`.
    NoticesOnly,
    /// Shows nothing.
    Quiet,
}

impl Screen {
    pub(super) fn new(quiet: bool, json: bool) -> Screen {
        match (quiet, json) {
            (true, _) => Screen::Quiet,
            (false, true) => Screen::NoticesOnly,
            (false, false) => Screen::Open,
        }
    }

    /// Writes a line to stderr.
    pub(super) fn say(self, line: &str) {
        if !matches!(self, Screen::Quiet) {
            anstream::eprintln!("{line}");
        }
    }

    /// A progress line over the runs of a sweep; draws on terminals only.
    pub(super) fn runs(self) -> RunMeter {
        let target = match self {
            Screen::Open => ProgressDrawTarget::stderr_with_hz(5),
            _ => ProgressDrawTarget::hidden(),
        };
        let bar = ProgressBar::with_draw_target(None, target);
        let begun = Arc::new(AtomicU64::new(u64::MAX));
        let first = begun.clone();
        // Nothing is known of the pace before a first run is done.
        let pace = move |state: &ProgressState, out: &mut dyn Write| {
            if state.pos() > first.load(Relaxed) {
                let _ = write!(out, "  {:.1}/s, {:#} left", state.per_sec(), HumanDuration(state.eta()));
            }
        };
        let style = ProgressStyle::with_template("{bar:30} {pos}/{len} runs{pace}{msg}").expect("a valid template");
        bar.set_style(style.with_key("pace", pace));
        RunMeter { bar, screen: self, begun }
    }

    /// A progress bar over `runs` replications of `horizon_h` hours each; draws on terminals only.
    pub(super) fn meter(self, runs: u32, horizon_h: f64) -> Meter {
        let horizon_min = (horizon_h * 60.0).ceil() as u64;
        let target = match self {
            Screen::Open => ProgressDrawTarget::stderr_with_hz(10),
            _ => ProgressDrawTarget::hidden(),
        };
        let bar = ProgressBar::with_draw_target(Some(u64::from(runs) * horizon_min), target);
        let orders = Arc::new(AtomicU64::new(0));
        let counted = orders.clone();
        let state = move |state: &ProgressState, out: &mut dyn Write| {
            let rate = counted.load(Relaxed) as f64 / state.elapsed().as_secs_f64().max(1e-3);
            let hours = |minutes: u64| format!("{:.1}", minutes as f64 / 60.0);
            let (done, all) = (hours(state.pos()), hours(state.len().unwrap_or(0)));
            let _ = match state.pos() >= state.len().unwrap_or(0) {
                true => write!(out, "finishing open orders, tables and charts"),
                false if state.pos() == 0 => write!(out, "simulated 0.0 of {all} h"),
                false => write!(out, "simulated {done} of {all} h, {rate:.0} orders/s, {:.0?} left", state.eta()),
            };
        };
        let style = ProgressStyle::with_template("{bar:30} {percent:>3}%  {state}").expect("a valid template");
        bar.set_style(style.with_key("state", state));
        if !bar.is_hidden() {
            bar.enable_steady_tick(Duration::from_millis(100));
        }
        let reached = (0..runs).map(|_| (AtomicU64::new(0), AtomicU32::new(0))).collect();
        Meter { bar, orders, horizon_min, reached }
    }
}

/// A progress line over the runs of a sweep; cleared when dropped.
pub(super) struct RunMeter {
    bar: ProgressBar,
    screen: Screen,
    /// Runs that were done before this work.
    begun: Arc<AtomicU64>,
}

impl RunMeter {
    /// So many of all runs are done, `found` of them before this work began.
    pub(super) fn at(&self, done: u64, all: u64, found: u64, failed: u64) {
        if self.bar.length() != Some(all) {
            self.bar.set_length(all);
            self.begun.store(found, Relaxed);
            // The rate is that of this work alone.
            self.bar.set_position(found);
            self.bar.reset_eta();
        }
        self.bar.set_position(done);
        if failed > 0 {
            self.bar.set_message(format!("  failed {failed}"));
        }
    }

    /// Writes a line above the progress line.
    pub(super) fn say(&self, line: &str) {
        self.bar.suspend(|| self.screen.say(line));
    }
}

impl Drop for RunMeter {
    fn drop(&mut self) {
        self.bar.finish_and_clear();
    }
}

/// A progress bar at work; cleared when dropped.
pub(super) struct Meter {
    bar: ProgressBar,
    orders: Arc<AtomicU64>,
    horizon_min: u64,
    /// For each run the minutes simulated and the orders placed.
    reached: Vec<(AtomicU64, AtomicU32)>,
}

impl Meter {
    /// Hears how far a run has come.
    pub(super) fn observe(&self, run: u32, progress: Progress) {
        let Some((minutes, orders)) = self.reached.get(run as usize) else {
            return;
        };
        let now = (minutes_of(progress.now)).min(self.horizon_min);
        self.orders.fetch_add(u64::from(progress.orders - orders.swap(progress.orders, Relaxed)), Relaxed);
        self.bar.inc(now - minutes.swap(now, Relaxed));
    }
}

fn minutes_of(time: SimTime) -> u64 {
    (time.seconds() / 60.0) as u64
}

impl Drop for Meter {
    fn drop(&mut self) {
        self.bar.finish_and_clear();
    }
}

/// Largest memory the process has held, in megabytes; unknown outside Linux.
pub(super) fn peak_memory_mb() -> Option<f64> {
    let status = std::fs::read_to_string("/proc/self/status").ok()?;
    let line = status.lines().find_map(|line| line.strip_prefix("VmHWM:"))?;
    let kib: f64 = line.trim().trim_end_matches("kB").trim().parse().ok()?;
    Some((kib * 1024.0 / 1e5).round() / 10.0)
}

/// Shouts about broken rules: results of a wrong model must not be used.
pub(super) fn shout(violations: &[String]) -> Result<(), Failure> {
    let Some(first) = violations.first() else {
        return Ok(());
    };
    for violation in violations.iter().take(10) {
        anstream::eprintln!("\x1b[1;31maudit\x1b[0m: {violation}");
    }
    let count = violations.len();
    Err(Failure::Other(format!(
        "the audit found {count} violation{} of the model's own rules (first: {first}); do not use these results, and \
         report this with the scenario.toml of the output folder",
        if count == 1 { "" } else { "s" }
    )))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_meter_adds_up_runs_and_stops_at_the_horizon() {
        let meter = Screen::Quiet.meter(2, 2.0);
        let progress = |h, orders| Progress { now: SimTime::from_hours(h), orders };
        meter.observe(0, progress(1.0, 10));
        meter.observe(1, progress(0.5, 5));
        assert_eq!((meter.bar.position(), meter.orders.load(Relaxed)), (90, 15));
        meter.observe(0, progress(30.0, 12));
        assert_eq!((meter.bar.position(), meter.orders.load(Relaxed)), (150, 17));
    }

    #[test]
    fn violations_are_a_failure() {
        assert!(shout(&[]).is_ok());
        assert!(shout(&["order 1 is delivered twice".into()]).unwrap_err().to_string().contains("delivered twice"));
    }
}
