//! Dispatch, claims, attempts.

use std::{collections::BTreeMap, sync::Arc};

use jackfield_store::{AttemptEnd, Filter, NewRun, Run, RunState, SharedStore, StoreError};
use serde_json::json;
use uuid::Uuid;

use super::{Home, at, delivery, dispatch, new_run};

fn ended(state: RunState, second: i64) -> AttemptEnd {
    AttemptEnd { state, due_at: None, output: None, error: None, operator_text: None, at: at(second), counts: true }
}

/// Claims of connections that may have as many under way as there are.
async fn claim_any(store: &SharedStore, limit: usize, second: i64) -> Vec<Run> {
    store.claim_runs(limit, usize::MAX, &BTreeMap::new(), at(second)).await.unwrap()
}

async fn claim(store: &SharedStore, limit: usize, second: i64) -> Vec<Uuid> {
    claim_any(store, limit, second).await.iter().map(|r| r.id).collect()
}

pub async fn dispatch_makes_runs_once(home: &impl Home) {
    let store = home.open().await;
    let (event, runs) = dispatch(&store, &["f", "g"]).await;
    assert!(store.undispatched(10).await.unwrap().is_empty());
    // As after a crash between the commit and its answer.
    store.dispatched(event.id, vec![new_run("f"), new_run("g")], at(11)).await.unwrap();
    let kept = store.runs(Filter { event: Some(event.id), ..Filter::default() }).await.unwrap();
    assert_eq!(kept.iter().map(|r| r.id).collect::<Vec<_>>(), [runs[1].id, runs[0].id]);
    let run = &kept[1];
    assert_eq!((run.flow.as_str(), run.connection.as_str(), run.action.as_str()), ("f", "team-chat", "post_message"));
    assert_eq!((run.event, run.trace_id, run.state, run.attempts), (event.id, event.trace_id, RunState::Queued, 0));
    assert_eq!((run.due_at, run.created_at, run.finished_at), (at(10), at(10), None));
    assert_eq!((&run.error, &run.output), (&None, &None));
}

pub async fn redispatch_makes_it_wait_again(home: &impl Home) {
    let store = home.open().await;
    let (event, _) = dispatch(&store, &["f"]).await;
    for _ in 0..2 {
        store.redispatch(event.id).await.unwrap();
    }
    assert_eq!(store.undispatched(10).await.unwrap(), std::slice::from_ref(&event));
    store.dispatched(event.id, vec![new_run("f")], at(20)).await.unwrap();
    assert_eq!(store.runs(Filter::default()).await.unwrap().len(), 2);
    assert!(store.undispatched(10).await.unwrap().is_empty());
}

pub async fn a_failing_dispatch_changes_nothing(home: &impl Home) {
    let store = home.open().await;
    let delivery = delivery(None);
    store.keep(delivery.clone()).await.unwrap();
    let run = new_run("f");
    let twice = store.dispatched(delivery.events[0].id, vec![run.clone(), run], at(10)).await;
    assert!(matches!(twice, Err(StoreError::Exists("run", _))), "{twice:?}");
    assert!(store.runs(Filter::default()).await.unwrap().is_empty());
    assert_eq!(store.undispatched(10).await.unwrap().len(), 1);
}

pub async fn runs_are_claimed_when_due_in_order(home: &impl Home) {
    let store = home.open().await;
    assert_eq!(store.next_due().await.unwrap(), None);
    let (_, first) = dispatch(&store, &["a", "b"]).await;
    let later = delivery(None);
    store.keep(later.clone()).await.unwrap();
    let early = new_run("early");
    store.dispatched(later.events[0].id, vec![early.clone()], at(5)).await.unwrap();
    assert_eq!(store.next_due().await.unwrap(), Some(at(5)));

    assert!(claim(&store, 10, 4).await.is_empty());
    assert!(claim(&store, 0, 99).await.is_empty());
    assert_eq!(claim(&store, 2, 10).await, [early.id, first[0].id], "what is due first goes first");
    assert_eq!(store.next_due().await.unwrap(), Some(at(10)));
    let last = claim_any(&store, 10, 10).await;
    assert_eq!((last[0].id, last[0].state, last[0].attempts), (first[1].id, RunState::Running, 1));
    assert!(claim(&store, 10, 99).await.is_empty());
    assert_eq!(store.next_due().await.unwrap(), None);
}

pub async fn a_run_is_retried_and_succeeds(home: &impl Home) {
    let store = home.open().await;
    let (_, runs) = dispatch(&store, &["f"]).await;
    let id = runs[0].id;
    assert_eq!(claim(&store, 1, 10).await, [id]);
    let error = json!({"kind": "unavailable", "message": "try later"});
    let end = AttemptEnd {
        due_at: Some(at(60)),
        error: Some(error.clone()),
        operator_text: Some("503 from upstream".into()),
        ..ended(RunState::Queued, 12)
    };
    store.end_attempt(id, end).await.unwrap();
    let (run, attempts) = store.run(id).await.unwrap();
    assert_eq!(
        (run.state, run.due_at, run.finished_at, &run.error),
        (RunState::Queued, at(60), None, &Some(error.clone()))
    );
    assert_eq!((attempts[0].number, attempts[0].started_at, attempts[0].finished_at), (1, at(10), Some(at(12))));
    assert_eq!((&attempts[0].error, attempts[0].operator_text.as_deref()), (&Some(error), Some("503 from upstream")));

    assert!(claim(&store, 1, 59).await.is_empty());
    assert_eq!(claim(&store, 1, 60).await, [id]);
    let output = json!({"ts": "1.2"});
    store.end_attempt(id, AttemptEnd { output: Some(output.clone()), ..ended(RunState::Succeeded, 61) }).await.unwrap();
    let (run, attempts) = store.run(id).await.unwrap();
    assert_eq!((run.state, run.attempts, run.finished_at), (RunState::Succeeded, 2, Some(at(61))));
    assert_eq!((&run.error, &run.output), (&None, &Some(output)));
    assert_eq!((attempts.len(), attempts[1].number, &attempts[1].error), (2, 2, &None));
    assert_eq!(store.runs(Filter::default()).await.unwrap()[0].output, None, "left out of lists");

    // Without a time it is due at once.
    let (_, runs) = dispatch(&store, &["g"]).await;
    claim(&store, 1, 10).await;
    store.end_attempt(runs[0].id, ended(RunState::Queued, 70)).await.unwrap();
    assert_eq!(store.next_due().await.unwrap(), Some(at(70)));
}

pub async fn an_attempt_that_does_not_count_is_taken_back(home: &impl Home) {
    let store = home.open().await;
    let (_, runs) = dispatch(&store, &["f"]).await;
    let id = runs[0].id;
    let not_counted = |second| AttemptEnd { counts: false, ..ended(RunState::Queued, second) };
    claim(&store, 1, 10).await;
    store.end_attempt(id, not_counted(20)).await.unwrap();
    let (run, attempts) = store.run(id).await.unwrap();
    assert_eq!((run.state, run.attempts, run.due_at, attempts.len()), (RunState::Queued, 0, at(20), 0));

    // What an earlier attempt said stays.
    let error = json!({"kind": "unavailable"});
    claim(&store, 1, 20).await;
    store.end_attempt(id, AttemptEnd { error: Some(error.clone()), ..ended(RunState::Queued, 21) }).await.unwrap();
    assert_eq!(claim_any(&store, 1, 22).await[0].attempts, 2);
    let end = AttemptEnd { due_at: Some(at(40)), error: Some(json!("another")), ..not_counted(30) };
    store.end_attempt(id, end).await.unwrap();
    let (run, attempts) = store.run(id).await.unwrap();
    assert_eq!((run.attempts, run.due_at, run.error, attempts.len()), (1, at(40), Some(error.clone()), 1));
    assert_eq!((attempts[0].number, &attempts[0].error), (1, &Some(error)));
    assert_eq!(claim_any(&store, 1, 40).await[0].attempts, 2, "and the next one has its number");

    let parked = AttemptEnd { counts: false, ..ended(RunState::Parked, 41) };
    assert!(store.end_attempt(id, parked).await.is_err(), "what ends a run counts");
}

pub async fn only_an_attempt_under_way_ends(home: &impl Home) {
    let store = home.open().await;
    let (_, runs) = dispatch(&store, &["f"]).await;
    let id = runs[0].id;
    assert!(store.end_attempt(id, ended(RunState::Failed, 9)).await.is_err(), "not begun");
    claim(&store, 1, 10).await;
    assert!(store.end_attempt(id, ended(RunState::Running, 11)).await.is_err(), "running is no end");
    store.end_attempt(id, ended(RunState::Parked, 11)).await.unwrap();
    let late = store.end_attempt(id, ended(RunState::Succeeded, 12)).await;
    assert!(matches!(late, Err(StoreError::NotFound(..))), "{late:?}");
    let (run, attempts) = store.run(id).await.unwrap();
    assert_eq!((run.state, run.finished_at, attempts[0].finished_at), (RunState::Parked, Some(at(11)), Some(at(11))));
    assert!(matches!(
        store.end_attempt(Uuid::nil(), ended(RunState::Failed, 1)).await,
        Err(StoreError::NotFound("run", _))
    ));
}

pub async fn claimed_once_by_many(home: &impl Home) {
    let store = home.open().await;
    dispatch(&store, &["f"; 40]).await;
    let tasks: Vec<_> = (0..20)
        .map(|_| {
            let store = Arc::clone(&store);
            tokio::spawn(async move { claim(&store, 3, 10).await })
        })
        .collect();
    let mut claimed = Vec::new();
    for task in tasks {
        claimed.extend(task.await.unwrap());
    }
    assert_eq!(claimed.len(), 40);
    claimed.sort();
    claimed.dedup();
    assert_eq!(claimed.len(), 40);
}

pub async fn interrupted_runs_are_those_of_the_boot_before(home: &impl Home) {
    let store = home.open().await;
    let (_, runs) = dispatch(&store, &["f", "g", "h"]).await;
    assert_eq!(claim(&store, 2, 10).await.len(), 2);
    store.end_attempt(runs[0].id, ended(RunState::Succeeded, 11)).await.unwrap();
    assert!(store.interrupted_runs().await.unwrap().is_empty(), "those under way now are not");
    drop(store);

    // Two starts, the first of which does nothing about it.
    drop(home.open().await);
    let store = home.open().await;
    assert_eq!(claim(&store, 10, 10).await, [runs[2].id]);
    let interrupted = store.interrupted_runs().await.unwrap();
    assert_eq!(interrupted.iter().map(|r| r.id).collect::<Vec<_>>(), [runs[1].id]);
    assert_eq!((interrupted[0].state, interrupted[0].attempts), (RunState::Running, 1));
    store.end_attempt(runs[1].id, ended(RunState::Queued, 20)).await.unwrap();
    assert!(store.interrupted_runs().await.unwrap().is_empty());
    let (run, attempts) = store.run(runs[1].id).await.unwrap();
    assert_eq!((run.state, attempts[0].finished_at), (RunState::Queued, None), "nobody knows when that one ended");
    assert_eq!(claim(&store, 10, 20).await, [runs[1].id]);
    assert_eq!(store.run(runs[1].id).await.unwrap().1.len(), 2);
}

pub async fn runs_are_listed_by_what_is_asked(home: &impl Home) {
    let store = home.open().await;
    let (event, runs) = dispatch(&store, &["f", "f", "g"]).await;
    let (other, others) = dispatch(&store, &["g"]).await;
    assert_eq!(claim(&store, 1, 10).await, [runs[0].id]);
    store.end_attempt(runs[0].id, ended(RunState::Failed, 11)).await.unwrap();
    let any = Filter::default;
    let ids = [runs[0].id, runs[1].id, runs[2].id, others[0].id];
    for (filter, expected) in [
        (any(), vec![3, 2, 1, 0]),
        (Filter { flow: Some("f".into()), ..any() }, vec![1, 0]),
        (Filter { flow: Some("g".into()), event: Some(event.id), ..any() }, vec![2]),
        (Filter { state: Some(RunState::Failed), ..any() }, vec![0]),
        (Filter { state: Some(RunState::Queued), limit: 2, ..any() }, vec![3, 2]),
        (Filter { flow: Some("f".into()), state: Some(RunState::Queued), ..any() }, vec![1]),
        (Filter { trace_id: Some(other.trace_id), ..any() }, vec![3]),
        (Filter { before: Some(ids[2]), ..any() }, vec![1, 0]),
        (Filter { connector: Some("github".into()), ..any() }, vec![3, 2, 1, 0]),
        (Filter { connector: Some("slack".into()), ..any() }, vec![]),
        (Filter { connection: Some("team-chat".into()), limit: 1, ..any() }, vec![3]),
        (Filter { connection: Some("work".into()), ..any() }, vec![]),
    ] {
        let found: Vec<_> = store.runs(filter.clone()).await.unwrap().iter().map(|r| r.id).collect();
        assert_eq!(found, expected.iter().map(|i: &usize| ids[*i]).collect::<Vec<_>>(), "{filter:?}");
    }
}

/// One run of each of these connections, due one second after the other from second 10.
async fn due(store: &SharedStore, connections: &[&str]) -> Vec<Uuid> {
    let mut ids = Vec::new();
    for (second, connection) in (10..).zip(connections) {
        let delivery = delivery(None);
        store.keep(delivery.clone()).await.unwrap();
        let run = NewRun { connection: (*connection).into(), ..new_run("f") };
        ids.push(run.id);
        store.dispatched(delivery.events[0].id, vec![run], at(second)).await.unwrap();
    }
    ids
}

pub async fn no_connection_gets_more_than_its_share(home: &impl Home) {
    let store = home.open().await;
    let ids = due(&store, &["a", "a", "a", "a", "b", "b", "c"]).await;
    let share = async |limit, share, busy: &[(&str, usize)]| -> Vec<Uuid> {
        let busy = busy.iter().map(|(c, n)| ((*c).to_owned(), *n)).collect();
        store.claim_runs(limit, share, &busy, at(99)).await.unwrap().iter().map(|r| r.id).collect()
    };
    assert!(share(10, 0, &[]).await.is_empty());
    assert!(share(10, 2, &[("a", 2), ("b", 3), ("c", 2), ("z", 1)]).await.is_empty(), "all have theirs");
    assert_eq!(share(10, 2, &[("a", 1), ("b", 2)]).await, [ids[6], ids[0]], "the idle one goes first");
    assert_eq!(share(10, 2, &[("c", 1)]).await, [ids[4], ids[1], ids[5], ids[2]], "in turns, what is due first first");
    assert_eq!(share(10, 2, &[]).await, [ids[3]]);
}

pub async fn connections_take_turns(home: &impl Home) {
    let store = home.open().await;
    let ids = due(&store, &["a", "a", "a", "a", "b", "c", "c"]).await;
    // One at a time, each ended before the next: the long queue of `a`, due first, does not go first.
    let mut order = Vec::new();
    for second in 50..57 {
        let claimed = claim(&store, 1, second).await;
        store.end_attempt(claimed[0], ended(RunState::Succeeded, second)).await.unwrap();
        order.push(ids.iter().position(|id| *id == claimed[0]).unwrap());
    }
    assert_eq!(order, [0, 4, 5, 1, 6, 2, 3]);
}

pub async fn runs_stranded_by_a_clock_set_back_are_due(home: &impl Home) {
    let store = home.open().await;
    let ids = due(&store, &["a", "a", "b"]).await;
    let day = 24 * 3600;
    // Queued while the clock was a year ahead, or to be tried in a day.
    for (id, second) in [(ids[0], 365 * day), (ids[1], day + 10), (ids[2], 25 * 3600 + 11)] {
        assert_eq!(store.run(id).await.unwrap().0.state, RunState::Queued);
        let [claimed] = claim(&store, 1, 12).await[..] else { panic!("one is due") };
        store
            .end_attempt(claimed, AttemptEnd { due_at: Some(at(second)), ..ended(RunState::Queued, 13) })
            .await
            .unwrap();
    }
    let mut by_due = store.runs(Filter::default()).await.unwrap();
    by_due.sort_by_key(|r| r.due_at);
    let by_due: Vec<_> = by_due.iter().map(|r| (r.id, r.due_at)).collect();
    assert_eq!(by_due[2].1, at(365 * day));
    let mut claimed = claim(&store, 10, 10).await;
    claimed.sort();
    let mut stranded = [by_due[1].0, by_due[2].0];
    stranded.sort();
    assert_eq!(claimed, stranded, "no delay is longer than 25 h; a day is one");
    assert!(claim(&store, 10, day).await.is_empty());
    assert_eq!(claim(&store, 10, day + 10).await, [by_due[0].0]);
}

pub async fn ended_runs_are_queued_again(home: &impl Home) {
    let store = home.open().await;
    let (_, runs) = dispatch(&store, &["f", "g"]).await;
    let error = json!({"kind": "unavailable"});
    for (run, state) in runs.iter().zip([RunState::Failed, RunState::Parked]) {
        let refused = store.requeue_run(run.id, at(11)).await;
        assert!(matches!(&refused, Err(StoreError::Conflict(text)) if text.contains("is queued")), "{refused:?}");
        assert_eq!(claim(&store, 1, 10).await, [run.id]);
        let refused = store.requeue_run(run.id, at(11)).await;
        assert!(matches!(&refused, Err(StoreError::Conflict(text)) if text.contains("is running")), "{refused:?}");
        store.end_attempt(run.id, AttemptEnd { error: Some(error.clone()), ..ended(state, 12) }).await.unwrap();

        let queued = store.requeue_run(run.id, at(30)).await.unwrap();
        assert_eq!((queued.state, queued.due_at, queued.finished_at), (RunState::Queued, at(30), None));
        assert_eq!((queued.attempts, &queued.error), (1, &Some(error.clone())));
        assert_eq!(store.run(run.id).await.unwrap().0, queued);
        assert_eq!(store.next_due().await.unwrap().unwrap(), if state == RunState::Failed { at(10) } else { at(30) });
    }
    assert_eq!(claim(&store, 10, 30).await.len(), 2);
    for run in &runs {
        store.end_attempt(run.id, ended(RunState::Succeeded, 31)).await.unwrap();
        let (ended, attempts) = store.run(run.id).await.unwrap();
        assert_eq!((ended.error, ended.attempts, attempts.len()), (None, 2, 2));
        assert!(matches!(store.requeue_run(run.id, at(40)).await, Err(StoreError::Conflict(_))), "done is done");
    }
}

pub async fn parked_runs_are_settled(home: &impl Home) {
    let store = home.open().await;
    let (_, runs) = dispatch(&store, &["f", "g", "h"]).await;
    let error = json!({"kind": "timeout"});
    claim(&store, 3, 10).await;
    for run in &runs[..2] {
        let end = AttemptEnd { error: Some(error.clone()), ..ended(RunState::Parked, 11) };
        store.end_attempt(run.id, end).await.unwrap();
    }
    for state in [RunState::Queued, RunState::Running, RunState::Parked] {
        assert!(matches!(store.settle_run(runs[0].id, state, at(20)).await, Err(StoreError::Invalid(_))), "{state:?}");
    }
    for (run, state) in runs.iter().zip([RunState::Succeeded, RunState::Failed]) {
        let settled = store.settle_run(run.id, state, at(20)).await.unwrap();
        assert_eq!((settled.state, settled.finished_at, &settled.error), (state, Some(at(20)), &Some(error.clone())));
        assert_eq!(store.run(run.id).await.unwrap().0, settled);
        assert!(matches!(store.settle_run(run.id, state, at(21)).await, Err(StoreError::Conflict(_))), "once");
    }
    let refused = store.settle_run(runs[2].id, RunState::Failed, at(20)).await;
    assert!(matches!(&refused, Err(StoreError::Conflict(text)) if text.contains("is running")), "{refused:?}");
}
