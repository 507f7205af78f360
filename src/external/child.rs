//! Room: external. A program as a child process: lines in, lines out, and never left behind.

use std::io::{BufRead, BufReader, Read, Write};
use std::process::{Child as Process, ChildStdout, Command, Stdio};
use std::sync::mpsc::{Receiver, RecvTimeoutError, Sender, SyncSender, channel, sync_channel};
use std::time::{Duration, Instant};

/// A longer line is no answer: the program has lost its way.
const LONGEST_LINE: u64 = 16 << 20;
/// Lines that may wait to be read before the program has to.
const MOST_LINES: usize = 64;
/// How long a program may take to end by itself when nothing more is asked.
const FAREWELL: Duration = Duration::from_secs(2);

/// What came from the program.
pub(super) enum Heard {
    /// A line, without its end.
    Line(String),
    /// Nothing in time.
    Nothing,
    /// It is gone, or will say nothing any more.
    End,
}

/// The moment an answer is due.
#[expect(clippy::disallowed_methods, reason = "an answer may be late by the wall clock; the record keeps which were")]
pub(super) fn in_time(timeout: Duration) -> Instant {
    Instant::now() + timeout
}

/// A running program, killed and waited for when dropped.
pub(super) struct Child {
    process: Process,
    /// To the thread that writes; None when no more is told.
    to: Option<Sender<String>>,
    /// From the thread that reads; closed at the program's end.
    from: Receiver<String>,
}

impl Child {
    /// Starts program and arguments; its stderr is ours.
    pub(super) fn start(words: &[String]) -> Result<Child, String> {
        let Some((program, arguments)) = words.split_first() else {
            return Err("is not named".into());
        };
        let mut command = Command::new(program);
        command.args(arguments).stdin(Stdio::piped()).stdout(Stdio::piped());
        let mut process = command.spawn().map_err(|error| format!("cannot be started: {program}: {error}"))?;
        // Pipes are there because they were asked for. Threads, since either side of a pipe may block for ever.
        let (mut stdin, stdout) = (process.stdin.take().expect("piped"), process.stdout.take().expect("piped"));
        let (to, lines) = channel::<String>();
        std::thread::spawn(move || {
            for line in lines {
                if stdin.write_all(line.as_bytes()).and_then(|()| stdin.flush()).is_err() {
                    return;
                }
            }
        });
        let (heard, from) = sync_channel(MOST_LINES);
        std::thread::spawn(move || read_lines(stdout, &heard));
        Ok(Child { process, to: Some(to), from })
    }

    /// Hands a line to the program, without waiting until it is read.
    pub(super) fn tell(&self, line: &str) {
        // Nobody reads any more: the other pipe tells of the end.
        let _ = self.to.as_ref().map(|to| to.send(format!("{line}\n")));
    }

    /// The next line.
    pub(super) fn hear(&self, deadline: Instant) -> Heard {
        let left = deadline.saturating_duration_since(in_time(Duration::ZERO));
        if left.is_zero() {
            return Heard::Nothing;
        }
        match self.from.recv_timeout(left) {
            Ok(line) => Heard::Line(line),
            Err(RecvTimeoutError::Timeout) => Heard::Nothing,
            Err(RecvTimeoutError::Disconnected) => Heard::End,
        }
    }

    /// Lets the program end, or ends it; how it ended.
    pub(super) fn end(&mut self) -> String {
        self.to = None;
        let until = in_time(FAREWELL);
        while in_time(Duration::ZERO) < until {
            match self.process.try_wait() {
                Ok(Some(status)) => return status.to_string(),
                Ok(None) => std::thread::sleep(Duration::from_millis(2)),
                Err(_) => break,
            }
        }
        let _ = self.process.kill();
        self.process.wait().map_or_else(|error| error.to_string(), |status| format!("{status}, after it fell silent"))
    }
}

impl Drop for Child {
    fn drop(&mut self) {
        self.end();
    }
}

/// Passes lines on until the end of the pipe; a line beyond all measure is such an end.
fn read_lines(stdout: ChildStdout, heard: &SyncSender<String>) {
    let mut reader = BufReader::new(stdout);
    loop {
        let mut bytes = Vec::new();
        match (&mut reader).take(LONGEST_LINE).read_until(b'\n', &mut bytes) {
            Ok(read) if read > 0 && (read as u64) < LONGEST_LINE => {}
            _ => return,
        }
        let line = String::from_utf8_lossy(&bytes).trim_end().to_owned();
        if heard.send(line).is_err() {
            return;
        }
    }
}
