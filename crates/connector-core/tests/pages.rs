//! The walk over pages: every form of paging gives every item once and in order, and no service makes it go round.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::indexing_slicing, missing_docs)]

use std::sync::{Arc, Mutex};

use connector_core::{
    BoxFuture, Cancel, Connector, Cx, Error, ErrorKind, FixedClock, Invoke, Request, Response, Result, Timestamp,
    Transport,
    info::ActionInfo,
    page::{self, Cut, MAX_EMPTY_PAGES, Options, PagingInfo, StepInfo},
    transport::CallContext,
};
use futures_util::{StreamExt as _, TryStreamExt as _};
use proptest::prelude::*;
use serde_json::{Value, json};

/// Answers page after page; it is told the input and how many pages it gave before.
type Answers = dyn Fn(&Value, usize) -> Value + Send + Sync;

struct Paged {
    info: Arc<ActionInfo>,
    answers: Box<Answers>,
    calls: Arc<Mutex<Vec<Value>>>,
}

impl Invoke for Paged {
    fn info(&self) -> &Arc<ActionInfo> {
        &self.info
    }

    fn invoke<'a>(&'a self, _: &'a Cx, input: Value) -> BoxFuture<'a, Result<Value>> {
        let mut calls = self.calls.lock().unwrap();
        let answer = (self.answers)(&input, calls.len());
        calls.push(input);
        Box::pin(async move {
            match answer.get("fails") {
                Some(_) => Err(Error::new(ErrorKind::UpstreamUnavailable, "down")),
                None => Ok(answer),
            }
        })
    }
}

struct NoWay;

#[async_trait::async_trait]
impl Transport for NoWay {
    async fn send(&self, _: Request, _: &CallContext) -> Result<Response> {
        Err(Error::internal("no action here sends"))
    }
}

struct Service {
    connector: Connector,
    cx: Cx,
    cancel: Cancel,
    calls: Arc<Mutex<Vec<Value>>>,
}

impl Service {
    fn new(paging: PagingInfo, answers: impl Fn(&Value, usize) -> Value + Send + Sync + 'static) -> Self {
        let mut info = ActionInfo::new("fake", "list", json!({"type": "object"}), json!({"type": "object"}));
        info.paging = Some(paging);
        let calls = Arc::<Mutex<Vec<Value>>>::default();
        let action = Paged { info: Arc::new(info), answers: Box::new(answers), calls: calls.clone() };
        let connector = Connector::builder("fake", "Fake").action(Arc::new(action)).build().unwrap();
        let cancel = Cancel::new();
        let clock = Arc::new(FixedClock(Timestamp::UNIX_EPOCH));
        let cx = connector.cx(Default::default(), Arc::new(NoWay), clock).cancel(cancel.clone()).build();
        Self { connector, cx, cancel, calls }
    }

    fn walk(&self, input: Value, options: Options) -> page::Pages<'_> {
        page::pages(&self.connector, &self.cx, "list", input, options).unwrap()
    }

    async fn all(&self, options: Options) -> Result<page::Collected> {
        page::collect(&self.connector, &self.cx, "list", json!({"kind": "x"}), options).await
    }

    fn asked(&self) -> Vec<Value> {
        self.calls.lock().unwrap().iter().map(|i| i["at"].clone()).collect()
    }
}

fn paging(step: StepInfo) -> PagingInfo {
    let next_output = if step == StepInfo::Mark { "/next".to_owned() } else { String::new() };
    PagingInfo { items: "/items".into(), next_output, next_input: "/at".into(), step, more: None, total: None }
}

fn with_more(step: StepInfo) -> PagingInfo {
    PagingInfo { more: Some("/more".into()), ..paging(step) }
}

fn with_total(step: StepInfo) -> PagingInfo {
    PagingInfo { total: Some("/total".into()), ..paging(step) }
}

fn at(input: &Value) -> usize {
    input["at"].as_u64().unwrap_or(0) as usize
}

fn item(n: usize) -> Value {
    json!({"id": format!("i{n}"), "n": n})
}

fn items(from: usize, to: usize) -> Vec<Value> {
    (from..to).map(item).collect()
}

/// A service that lists `n` items by `form`, its pages of these sizes (0 is an empty page where the form bears one).
fn service(form: usize, sizes: Vec<usize>) -> (Service, usize) {
    let n: usize = sizes.iter().sum();
    let starts: Vec<usize> = sizes.iter().scan(0, |sum, s| Some(std::mem::replace(sum, *sum + s))).collect();
    let page = move |i: usize| match (starts.get(i), sizes.get(i)) {
        (Some(from), Some(size)) => items(*from, from + size),
        _ => Vec::new(),
    };
    let pages = move |count: usize, i: usize| i + 1 < count;
    let service = match form {
        0 => {
            let count = sizes_len(&page);
            Service::new(paging(StepInfo::Mark), move |input, _| {
                let i = input["at"].as_str().map_or(0, |t| t[1..].parse().unwrap());
                let next = pages(count, i).then(|| format!("c{}", i + 1));
                json!({"items": page(i), "next": next})
            })
        }
        1 => {
            let count = sizes_len(&page);
            Service::new(with_more(StepInfo::Number { first: 1 }), move |input, _| {
                let i = input["at"].as_u64().map_or(0, |p| p as usize - 1);
                json!({"items": page(i), "more": pages(count, i)})
            })
        }
        // The forms below know no empty pages: offsets and last items do not advance over them.
        2 => Service::new(with_more(StepInfo::Offset), move |input, _| {
            let (from, to) = (at(input), (at(input) + 3).min(n));
            json!({"items": items(from, to), "more": to < n})
        }),
        3 => Service::new(
            with_total(StepInfo::Offset),
            move |input, _| json!({"items": items(at(input), (at(input) + 2).min(n)), "total": n}),
        ),
        4 => Service::new(
            paging(StepInfo::Offset),
            move |input, _| json!({"items": items(at(input).min(n), (at(input) + 4).min(n))}),
        ),
        5 => Service::new(with_more(StepInfo::AfterLast { value: "/id".into() }), move |input, _| {
            let from = input["at"].as_str().map_or(0, |t| t[1..].parse::<usize>().unwrap() + 1);
            let to = (from + 3).min(n);
            json!({"items": items(from, to), "more": to < n})
        }),
        _ => Service::new(
            paging(StepInfo::Number { first: 0 }),
            move |input, _| json!({"items": items((at(input) * 5).min(n), (at(input) * 5 + 5).min(n))}),
        ),
    };
    (service, n)
}

fn sizes_len(page: &impl Fn(usize) -> Vec<Value>) -> usize {
    // Pages in the middle may be empty; none is after the last that is asked for here.
    (0..64).rev().find(|i| !page(*i).is_empty()).map_or(1, |i| i + 1)
}

fn block_on<T>(future: impl Future<Output = T>) -> T {
    tokio::runtime::Builder::new_current_thread().build().unwrap().block_on(future)
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(400))]

    #[test]
    fn every_item_comes_once_and_in_order(form in 0usize..7, sizes in prop::collection::vec(0usize..6, 0..24)) {
        let (service, n) = service(form, sizes);
        block_on(async {
            let mut pages = service.walk(json!({}), Options::default());
            let got: Vec<Value> = pages.items().try_collect().await.unwrap();
            prop_assert_eq!(got, items(0, n));
            prop_assert_eq!((pages.cut(), pages.shrank()), (None, false));
            prop_assert_eq!(pages.read(), service.calls.lock().unwrap().len());
            Ok(())
        })?;
    }

    #[test]
    fn a_cap_gives_the_first_items_and_says_when_it_cut(
        form in 0usize..7,
        sizes in prop::collection::vec(0usize..6, 0..24),
        max in 0usize..40,
    ) {
        let (service, n) = service(form, sizes);
        let got = block_on(service.all(Options::items(max))).unwrap();
        prop_assert_eq!(&got.items, &items(0, n.min(max)));
        prop_assert!(n <= max || got.cut == Some(Cut::Items), "{:?}", got.cut);
        // At the cap itself only the service knows whether there is more.
        prop_assert!(n >= max || got.cut.is_none(), "{:?}", got.cut);
    }
}

#[tokio::test]
async fn marks_go_where_they_are_declared_and_the_rest_of_the_input_stays() {
    let service = Service::new(paging(StepInfo::Mark), |_, n| json!({"items": [n], "next": (n < 2).then_some(n + 7)}));
    let got = service.all(Options::default()).await.unwrap();
    assert_eq!((got.items, got.pages, got.cut), (vec![json!(0), json!(1), json!(2)], 3, None));
    assert_eq!(service.asked(), [Value::Null, json!(7), json!(8)]);
    assert!(service.calls.lock().unwrap().iter().all(|i| i["kind"] == "x"));
}

#[tokio::test]
async fn a_walk_begins_where_the_input_says() {
    let service =
        Service::new(with_more(StepInfo::Offset), |i, _| json!({"items": items(at(i), at(i) + 2), "more": at(i) < 14}));
    let mut pages = service.walk(json!({"at": 10}), Options::default());
    let got: Vec<Value> = pages.items().try_collect().await.unwrap();
    drop(pages);
    assert_eq!((got, service.asked()), (items(10, 16), vec![json!(10), json!(12), json!(14)]));
}

/// Runs a walk that must fail with `Protocol`; gives what operators are told and how many calls it took.
async fn fails(service: Service) -> (String, usize) {
    let e = service.all(Options::default()).await.unwrap_err();
    assert_eq!((e.kind(), e.connector()), (ErrorKind::Protocol, Some("fake")));
    assert!(!e.caller_text().contains("page "), "callers are told the kind only: {}", e.caller_text());
    let calls = service.calls.lock().unwrap().len();
    (e.operator_text().to_owned(), calls)
}

#[tokio::test]
async fn a_mark_that_comes_again_is_an_error_at_any_distance() {
    for cycle in [1usize, 2, 7] {
        let service = Service::new(
            paging(StepInfo::Mark),
            move |_, n| json!({"items": [n], "next": format!("secret-mark-{}", n % cycle)}),
        );
        let (text, calls) = fails(service).await;
        assert_eq!(
            text,
            format!("the service gave the same page mark twice: for page 2 and again for page {}", cycle + 2)
        );
        assert_eq!(calls, cycle + 1);
    }
    // The mark that the caller began with counts too.
    let service = Service::new(paging(StepInfo::Mark), |_, n| json!({"items": [n], "next": "begin"}));
    let e = service.walk(json!({"at": "begin"}), Options::default()).next().await.unwrap_err();
    assert!(e.operator_text().contains("for page 1 and again for page 2"), "{e}");
}

#[tokio::test]
async fn the_same_page_under_another_mark_is_an_error() {
    let service = Service::new(paging(StepInfo::Mark), |_, n| json!({"items": ["a", "b"], "next": n}));
    let (text, calls) = fails(service).await;
    assert_eq!(text, "page 2 holds the same 2 items as page 1, though it was asked for by another mark");
    assert_eq!(calls, 2);
    // A service that answers what lies beyond the end with its last page.
    let service = Service::new(paging(StepInfo::Number { first: 1 }), |i, _| json!({"items": [at(i).clamp(1, 3)]}));
    assert!(fails(service).await.0.starts_with("page 4 holds the same 1 items as page 3"));
}

#[tokio::test]
async fn empty_pages_are_borne_for_a_while() {
    let quiet = |pages: usize| {
        Service::new(
            paging(StepInfo::Mark),
            move |_, n| json!({"items": if n == pages { vec![1] } else { vec![] }, "next": (n < pages).then_some(n)}),
        )
    };
    assert_eq!(quiet(MAX_EMPTY_PAGES).all(Options::default()).await.unwrap().items, [1]);
    let (text, calls) = fails(quiet(MAX_EMPTY_PAGES + 1)).await;
    assert_eq!(text, "page 11 is the 11th empty one in a row, and the service says that there is more");
    assert_eq!(calls, MAX_EMPTY_PAGES + 1);
}

#[tokio::test]
async fn pages_without_end_are_cut() {
    let endless = || Service::new(paging(StepInfo::Mark), |_, n| json!({"items": [n], "next": n}));
    let got = endless().all(Options { max_pages: 25, ..Options::default() }).await.unwrap();
    assert_eq!((got.items.len(), got.pages, got.cut), (25, 25, Some(Cut::Pages)));
    let got = endless().all(Options::default()).await.unwrap();
    assert_eq!((got.pages, got.cut), (page::DEFAULT_MAX_PAGES, Some(Cut::Pages)));
    let got = endless().all(Options { max_bytes: 20, ..Options::default() }).await.unwrap();
    assert_eq!((got.items.len(), got.cut), (7, Some(Cut::Bytes)));
    let got = endless().all(Options { max_pages: 0, ..Options::default() }).await.unwrap();
    assert_eq!((got.pages, got.cut), (0, Some(Cut::Pages)));
}

#[tokio::test]
async fn an_offset_that_does_not_advance_is_cut() {
    let stuck = Service::new(
        with_more(StepInfo::Offset),
        |i, _| json!({"items": items(at(i), (at(i) + 2).min(4)), "more": true}),
    );
    let got = stuck.all(Options::default()).await.unwrap();
    assert_eq!((got.items, got.cut), (items(0, 4), Some(Cut::Stuck)));
    assert_eq!(stuck.asked(), [Value::Null, json!(2), json!(4)]);
    let nameless = Service::new(
        with_more(StepInfo::AfterLast { value: "/id".into() }),
        |_, _| json!({"items": [{"n": 1}], "more": true}),
    );
    assert_eq!(nameless.all(Options::default()).await.unwrap().cut, Some(Cut::Stuck));
}

#[tokio::test]
async fn a_list_that_shrinks_is_read_to_its_end_and_noted() {
    // Two of the first five go while the second page is asked for: what was sixth and seventh is never seen.
    let service = Service::new(with_total(StepInfo::Offset), |i, calls| {
        let (gone, total) = if calls == 0 { (0, 9) } else { (2, 7) };
        json!({"items": items((at(i) + gone).min(9), (at(i) + 5 + gone).min(9)), "total": total})
    });
    let got = service.all(Options::default()).await.unwrap();
    assert_eq!((got.items.len(), got.cut, got.shrank), (7, None, true));
    // By marks it is only noted.
    let service = Service::new(
        with_total(StepInfo::Mark),
        |_, n| json!({"items": [n], "next": (n < 3).then_some(n), "total": 9 - n}),
    );
    assert!(service.all(Options::default()).await.unwrap().shrank);
}

#[tokio::test]
async fn the_callers_wish_to_stop_is_heard_between_pages() {
    let service = Service::new(paging(StepInfo::Mark), |_, n| json!({"items": [n], "next": n}));
    let mut pages = service.walk(json!({}), Options::default());
    let mut stream = Box::pin(pages.stream());
    assert_eq!(stream.next().await.unwrap().unwrap(), [0]);
    service.cancel.cancel();
    assert_eq!(stream.next().await.unwrap().unwrap_err().kind(), ErrorKind::Cancelled);
    assert!(stream.next().await.is_none(), "a walk ends after an error");
    assert_eq!(service.calls.lock().unwrap().len(), 1);
}

#[tokio::test]
async fn an_error_in_the_middle_ends_the_walk_and_keeps_its_kind() {
    let service = Service::new(paging(StepInfo::Mark), |_, n| {
        if n == 2 { json!({"fails": true}) } else { json!({"items": [n], "next": n}) }
    });
    let mut pages = service.walk(json!({}), Options::default());
    let (items, errors): (Vec<_>, Vec<_>) =
        pages.items().collect::<Vec<_>>().await.into_iter().partition(Result::is_ok);
    assert_eq!(items.len(), 2);
    assert_eq!(errors.into_iter().map(|e| e.unwrap_err().kind()).collect::<Vec<_>>(), [ErrorKind::UpstreamUnavailable]);
    assert!(pages.next().await.unwrap().is_none());
}

#[tokio::test]
async fn wrong_use_is_told() {
    let service = Service::new(paging(StepInfo::Mark), |_, _| json!({"items": {"a": 1}}));
    let begin =
        |name, input| page::pages(&service.connector, &service.cx, name, input, Options::default()).err().unwrap();
    assert_eq!(begin("lst", json!({})).code(), Some("INVALID_ARGUMENT"));
    assert_eq!(begin("list", json!([])).kind(), ErrorKind::InvalidInput);
    let e = service.all(Options::default()).await.unwrap_err();
    assert_eq!(e.operator_text(), "`/items` of page 1 is no list");

    let info = ActionInfo::new("fake", "get", json!({"type": "object"}), json!({"type": "object"}));
    let get = Paged { info: Arc::new(info), answers: Box::new(|_, _| json!({})), calls: Arc::default() };
    let list = service.connector.actions()[0].clone();
    let both = Connector::builder("fake", "Fake").action(Arc::new(get)).action(list).build().unwrap();
    let e = page::pages(&both, &service.cx, "get", json!({}), Options::default()).err().unwrap();
    assert_eq!((e.kind(), e.code()), (ErrorKind::InvalidInput, None));
    assert_eq!(
        e.caller_text(),
        "`get` does not come in pages, so call it without asking for all; those that do are list"
    );
}
