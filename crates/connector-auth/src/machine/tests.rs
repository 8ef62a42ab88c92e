//! The machine in a world in memory: several processes, a provider whose refresh tokens work once, and crashes, lost
//! answers, suspended processes and passing time between any two commands.
//!
//! All schedules of two processes are walked; of five, random ones. Worlds that are broken on purpose must be caught.

#![allow(clippy::unwrap_used, clippy::indexing_slicing, clippy::panic)]

use std::collections::{BTreeMap, BTreeSet, HashSet};

use proptest::prelude::*;

use super::*;

const LIFE: i64 = 600;
const LEASE: i64 = 45;

/// What is broken on purpose.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Broken {
    Nothing,
    /// Everybody gets the lease.
    Lease,
    /// Writes do not look at what is there.
    Swap,
    /// A redemption is not announced before it is sent.
    Announcement,
}

#[derive(Debug, Clone, PartialEq, Eq)]
enum Wire {
    Idle,
    Sent(u64),
    /// The provider has answered; the new access and refresh token, if it granted.
    Answered(u64, Option<(u64, u64)>),
}

#[derive(Debug, Clone, PartialEq, Eq)]
struct Process {
    run: Option<(Machine, Command)>,
    wire: Wire,
    /// New tokens in its memory.
    holds: Option<(u64, u64)>,
    read: Option<Kept>,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Move {
    Step(usize),
    Provide(usize),
    Deliver(usize),
    Lose(usize),
    Crash(usize),
    /// The lease's time passes; requests end before it does.
    Pass,
    /// The same while processes are suspended and requests go on.
    Suspend,
}

#[derive(Debug, Clone, Copy)]
struct Budget {
    crashes: u32,
    losses: u32,
    passes: u32,
    suspends: u32,
}

#[derive(Debug, Clone)]
struct World {
    broken: Broken,
    budget: Budget,
    now: i64,
    kept: Kept,
    fence: u64,
    until: i64,
    processes: Vec<Process>,
    /// The one refresh token that the provider takes.
    newest: u64,
    grants: u32,
    refused: BTreeSet<u64>,
    /// Who presented each refresh token last, and whether the answer came to somebody who could keep what follows from it.
    presented: BTreeMap<u64, (usize, bool)>,
    /// Tokens that were granted and got lost with a crash or an answer.
    lost: BTreeSet<u64>,
    suspended: bool,
}

fn at(seconds: i64) -> Timestamp {
    Timestamp::from_second(seconds).unwrap()
}

fn rules() -> Rules {
    Rules { renewal: Renewal::RefreshToken, idle: None, seed: 7, turns: 3, request: Duration::from_secs(30) }
}

impl World {
    fn new(processes: usize, budget: Budget, broken: Broken) -> Self {
        let status = TokenStatus {
            method: "oauth".into(),
            state: AuthState::Healthy,
            reason: None,
            since: at(0),
            obtained_at: at(0),
            expires_at: Some(at(LIFE)),
            scopes: Vec::new(),
            failures: 0,
            not_before: None,
            unanswered: false,
        };
        let kept = Kept { status, generation: 1, access: 1, refresh: Some(1) };
        let mut world = Self {
            broken,
            budget,
            now: LIFE,
            kept,
            fence: 0,
            until: 0,
            processes: Vec::new(),
            newest: 1,
            grants: 0,
            refused: BTreeSet::new(),
            presented: BTreeMap::new(),
            lost: BTreeSet::new(),
            suspended: false,
        };
        world.processes = (0..processes).map(|_| Self::started()).collect();
        world
    }

    fn started() -> Process {
        Process { run: Some(Machine::new(rules(), Why::Wanted)), wire: Wire::Idle, holds: None, read: None }
    }

    fn moves(&self) -> Vec<Move> {
        let mut all = Vec::new();
        for (i, p) in self.processes.iter().enumerate() {
            let Some((_, command)) = &p.run else { continue };
            match &p.wire {
                Wire::Idle => all.push(Move::Step(i)),
                Wire::Sent(_) => all.push(Move::Provide(i)),
                Wire::Answered(..) => all.push(Move::Deliver(i)),
            }
            if p.wire != Wire::Idle && self.budget.losses > 0 {
                all.push(Move::Lose(i));
            }
            // A crash before the first look changes nothing.
            if self.budget.crashes > 0 && (*command != Command::Read || p.read.is_some()) {
                all.push(Move::Crash(i));
            }
        }
        let someone_waits = self.until > self.now;
        // Between the look at the lease and the request, and between the answer and its being written, a process that is not
        // suspended does not stand still for long.
        let hurries = |p: &Process| match &p.run {
            Some((machine, _)) => match machine.phase {
                Phase::Redeeming(_) => p.wire == Wire::Idle,
                Phase::Saving { .. } | Phase::Overtaken { .. } | Phase::Doubting { .. } | Phase::Settling { .. } => true,
                _ => false,
            },
            None => false,
        };
        let still = !self.processes.iter().any(hurries);
        if !all.is_empty() && self.budget.passes > 0 && someone_waits && still {
            all.push(Move::Pass);
        }
        if !all.is_empty() && self.budget.suspends > 0 && someone_waits {
            all.push(Move::Suspend);
        }
        all
    }

    fn make(&mut self, m: Move) -> Result<(), String> {
        match m {
            Move::Step(i) => self.step(i),
            Move::Provide(i) => {
                let Wire::Sent(token) = self.processes[i].wire else { panic!() };
                let granted = (token == self.newest).then(|| {
                    self.newest += 1;
                    self.grants += 1;
                    (self.newest, self.newest)
                });
                if granted.is_none() {
                    self.refused.insert(token);
                }
                self.processes[i].wire = Wire::Answered(token, granted);
                Ok(())
            }
            Move::Deliver(i) => {
                let Wire::Answered(token, granted) = self.processes[i].wire.clone() else { panic!() };
                self.presented.insert(token, (i, true));
                self.processes[i].holds = granted;
                let answer = match granted {
                    Some(_) => Answer::Granted { expires_at: Some(at(self.now + LIFE)), scopes: Vec::new() },
                    None => Answer::Refused("invalid_grant".into()),
                };
                self.tell(i, Event::Answered(answer));
                Ok(())
            }
            Move::Lose(i) => {
                self.budget.losses -= 1;
                self.lose(i);
                Ok(())
            }
            Move::Crash(i) => {
                self.budget.crashes -= 1;
                self.forget(i);
                // What it had not written is lost with it.
                if let Some((who, came)) = self.kept.refresh.and_then(|t| self.presented.get_mut(&t)) {
                    *came &= *who != i;
                }
                self.processes[i] = Self::started();
                Ok(())
            }
            Move::Pass | Move::Suspend => {
                if m == Move::Pass {
                    self.budget.passes -= 1;
                    for i in 0..self.processes.len() {
                        if self.processes[i].wire != Wire::Idle {
                            self.lose(i);
                        }
                    }
                } else {
                    self.budget.suspends -= 1;
                    self.suspended = true;
                }
                self.now = self.until;
                Ok(())
            }
        }
    }

    fn lose(&mut self, i: usize) {
        self.forget(i);
        let answer = Answer::Later { after: None, unanswered: true, reason: "no answer".into() };
        self.tell(i, Event::Answered(answer));
    }

    /// What a process has of a redemption and has not written is gone.
    fn forget(&mut self, i: usize) {
        let p = &mut self.processes[i];
        if let Wire::Sent(token) | Wire::Answered(token, _) = p.wire {
            self.presented.insert(token, (i, false));
        }
        if let Wire::Answered(_, Some((_, refresh))) = p.wire {
            self.lost.insert(refresh);
        }
        if let Some((_, refresh)) = p.holds.take()
            && self.kept.refresh != Some(refresh)
        {
            self.lost.insert(refresh);
        }
        self.processes[i].wire = Wire::Idle;
    }

    fn tell(&mut self, i: usize, event: Event) {
        let now = at(self.now);
        let p = &mut self.processes[i];
        p.wire = Wire::Idle;
        let (machine, _) = p.run.take().unwrap();
        p.run = Some(machine.step(event, now));
    }

    fn step(&mut self, i: usize) -> Result<(), String> {
        let (_, command) = self.processes[i].run.clone().unwrap();
        let event = match command {
            Command::Done(end) => {
                self.processes[i].run = None;
                return match end {
                    End::Usable if !rules().holds(&self.kept.status, at(self.now)) => {
                        Err("what is kept is said to be usable, and is not".into())
                    }
                    End::Absent => Err("a machine lost its way".into()),
                    _ => Ok(()),
                };
            }
            Command::Read => {
                self.processes[i].read = Some(self.kept.clone());
                Event::Read(Some(self.kept.clone()))
            }
            Command::Lease => {
                let free = self.until <= self.now || self.broken == Broken::Lease;
                Event::Leased(free.then(|| {
                    self.fence += 1;
                    self.until = self.now + LEASE;
                    TokenLease { fence: self.fence, until: at(self.until) }
                }))
            }
            Command::Release(lease) => {
                if lease.fence == self.fence {
                    self.until = 0;
                }
                Event::Released
            }
            Command::Wait(_) => Event::Waited,
            Command::Write { expected, lease, status, tokens } => self.write(i, expected, lease, status, tokens)?,
            Command::Redeem => {
                let token = self.processes[i].read.as_ref().unwrap().refresh.unwrap();
                let others = self.processes.iter().any(|p| matches!(p.wire, Wire::Sent(t) | Wire::Answered(t, _) if t == token));
                if others && !self.suspended {
                    return Err("two redeem one token at once".into());
                }
                if self.presented.get(&token).is_some_and(|(_, came)| *came) && !self.suspended {
                    return Err("a token is presented again though its answer came".into());
                }
                self.presented.insert(token, (i, false));
                self.processes[i].wire = Wire::Sent(token);
                return Ok(());
            }
        };
        self.tell(i, event);
        Ok(())
    }

    fn write(
        &mut self,
        i: usize,
        expected: u64,
        lease: Option<TokenLease>,
        status: TokenStatus,
        tokens: bool,
    ) -> Result<Event, String> {
        if self.broken == Broken::Announcement && status.state == AuthState::Refreshing {
            return Ok(Event::Wrote(Some(self.kept.generation)));
        }
        let fenced = lease.is_some_and(|l| l.fence != self.fence);
        let sound = expected == self.kept.generation && !fenced;
        if !sound && self.broken != Broken::Swap {
            return Ok(Event::Wrote(None));
        }
        let lost = status.unanswered;
        self.kept.status = status;
        self.kept.generation += 1;
        if tokens {
            let (access, refresh) = self.processes[i].holds.take().unwrap();
            (self.kept.access, self.kept.refresh) = (access, Some(refresh));
        }
        if self.kept.status.state == AuthState::NeedsReauth {
            let token = self.kept.refresh.unwrap();
            if !self.refused.contains(&token) {
                return Err("given up though the provider did not refuse the newest token that is kept".into());
            }
            if self.lost.is_empty() && !self.suspended {
                return Err("given up though nothing was ever lost".into());
            }
            if !self.lost.is_empty() && !self.suspended && !lost {
                return Err("given up without saying that an answer was lost".into());
            }
        }
        Ok(Event::Wrote(Some(self.kept.generation)))
    }

    /// When nobody moves any more.
    fn at_rest(&self) -> Result<(), String> {
        let newest_is_kept = self.kept.refresh == Some(self.newest);
        if self.lost.is_empty() && !newest_is_kept {
            return Err("the newest token is not the one that is kept, and nothing was lost".into());
        }
        if newest_is_kept && self.kept.status.state == AuthState::NeedsReauth {
            return Err("given up with the newest token in hand".into());
        }
        if self.grants > 1 && self.lost.is_empty() && !self.suspended {
            return Err("renewed more often than was needed".into());
        }
        Ok(())
    }
}

/// All schedules; the first fault found, and how many worlds were seen.
fn walk(first: World) -> (Option<String>, usize) {
    let mut seen = HashSet::new();
    let mut rest = vec![first];
    while let Some(world) = rest.pop() {
        let moves = world.moves();
        if moves.is_empty()
            && let Err(fault) = world.at_rest()
        {
            return (Some(format!("{fault}: {world:?}")), seen.len());
        }
        for m in moves {
            let mut next = world.clone();
            if let Err(fault) = next.make(m) {
                return (Some(format!("{fault}, by {m:?}: {world:?}")), seen.len());
            }
            if seen.insert(digest(&next)) {
                rest.push(next);
            }
        }
    }
    (None, seen.len())
}

fn digest(world: &World) -> [u8; 32] {
    let hash = ring::digest::digest(&ring::digest::SHA256, format!("{world:?}").as_bytes());
    hash.as_ref().try_into().unwrap()
}

const WELL: Budget = Budget { crashes: 0, losses: 0, passes: 1, suspends: 0 };

#[test]
fn every_schedule_of_two_processes_is_sound() {
    let budgets = [
        WELL,
        Budget { crashes: 1, ..WELL },
        Budget { losses: 1, passes: 2, ..WELL },
        Budget { crashes: 1, losses: 1, passes: 1, ..WELL },
        Budget { suspends: 1, passes: 0, ..WELL },
        Budget { suspends: 1, crashes: 1, passes: 0, ..WELL },
    ];
    for budget in budgets {
        let (fault, seen) = walk(World::new(2, budget, Broken::Nothing));
        assert_eq!(fault, None, "{budget:?}");
        assert!(seen > 50, "{budget:?}: only {seen} worlds");
    }
}

#[test]
fn broken_worlds_are_caught() {
    let caught = |broken, budget, words: &str| {
        let fault = walk(World::new(2, budget, broken)).0.unwrap_or_default();
        assert!(fault.starts_with(words), "{broken:?}: {}", fault.chars().take(300).collect::<String>());
    };
    caught(Broken::Lease, Budget { passes: 0, ..WELL }, "a token is presented again");
    caught(Broken::Swap, Budget { suspends: 1, passes: 0, ..WELL }, "given up");
    caught(Broken::Announcement, Budget { crashes: 1, ..WELL }, "given up without saying");
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 1000, ..ProptestConfig::default() })]

    #[test]
    fn random_schedules_of_five_processes_are_sound(
        choices in proptest::collection::vec(any::<u16>(), 400),
        crashes in 0_u32..6, losses in 0_u32..3, suspends in 0_u32..2,
    ) {
        let mut world = World::new(5, Budget { crashes, losses, passes: 6, suspends }, Broken::Nothing);
        for choice in choices {
            let moves = world.moves();
            let Some(m) = moves.get(usize::from(choice) % moves.len().max(1)) else { break };
            world.make(*m).map_err(TestCaseError::fail)?;
        }
        if world.moves().is_empty() {
            world.at_rest().map_err(TestCaseError::fail)?;
        }
    }
}
