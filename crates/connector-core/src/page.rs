//! Walks an action's pages as it declares them ([`Paging`](crate::spec::Paging), [`Stepping`]).
//!
//! What lives here: [`pages`], page by page or as a stream of pages or of items, and [`collect`], which rests on it. One page
//! is held at a time. What must not: how one service marks its pages, which is its connector's.
//!
//! A walk ends, whatever the service answers:
//!
//! | the service … | then |
//! |---|---|
//! | gives a mark that it gave before, at any distance | error, `Protocol` |
//! | gives the page before again under another mark | error, `Protocol` |
//! | gives more than [`MAX_EMPTY_PAGES`] empty pages in a row, and says that there is more | error, `Protocol` |
//! | gives pages without end | cut after [`Options::max_pages`], see [`Cut::Pages`] |
//! | says that there is more, but gives nothing to go on from | cut, see [`Cut::Stuck`] |
//! | counts fewer items than on the page before | read to the end, and noted: [`Pages::shrank`]. What moved up by an offset may be missing |
//!
//! The errors' operator texts say what was seen, by the pages' numbers and never by a mark or an item.

mod guard;
mod step;

use futures_util::{Stream, StreamExt as _, TryStreamExt as _, stream};
use serde::Serialize;
use serde_json::{Map, Value};

pub use self::{
    guard::MAX_EMPTY_PAGES,
    step::{PagingInfo, StepInfo, Stepping},
};
use crate::{
    connector::Connector,
    cx::Cx,
    error::{Error, ErrorKind, Result},
};
use guard::Guard;

/// Pages of a walk unless told otherwise.
pub const DEFAULT_MAX_PAGES: usize = 10_000;

/// How far a walk goes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Options {
    /// Most items; any number unless told.
    pub max_items: usize,
    /// Most pages, and so most calls; [`DEFAULT_MAX_PAGES`] unless told.
    pub max_pages: usize,
    /// No further page once the items' JSON has so many bytes; any number unless told. For callers that keep what they get.
    pub max_bytes: usize,
}

impl Default for Options {
    fn default() -> Self {
        Self { max_items: usize::MAX, max_pages: DEFAULT_MAX_PAGES, max_bytes: usize::MAX }
    }
}

impl Options {
    /// So many items at most.
    pub fn items(max: usize) -> Self {
        Self { max_items: max, ..Self::default() }
    }
}

/// Why a walk ended although there was, or may have been, more.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
#[non_exhaustive]
pub enum Cut {
    /// [`Options::max_items`] are there.
    Items,
    /// [`Options::max_pages`] were read.
    Pages,
    /// [`Options::max_bytes`] are there.
    Bytes,
    /// The service says that there is more, but its page holds nothing to go on from: it is empty, so that the next one would
    /// be the same again, or its last item has no name.
    Stuck,
}

/// What a walk over pages brought.
#[derive(Debug, Clone, Default, PartialEq, Serialize)]
pub struct Collected {
    /// The items, in the service's order.
    pub items: Vec<Value>,
    /// How many pages were read.
    pub pages: usize,
    /// Why it ended before the service's end, if it did.
    pub cut: Option<Cut>,
    /// Whether the list became shorter while it was read: items may be missing.
    pub shrank: bool,
}

/// Calls the action page by page and keeps all items.
///
/// # Errors
/// As [`pages`] and [`Pages::next`].
pub async fn collect(
    connector: &Connector,
    cx: &Cx,
    action: &str,
    input: Value,
    options: Options,
) -> Result<Collected> {
    let mut pages = pages(connector, cx, action, input, options)?;
    let mut items = Vec::new();
    while let Some(page) = pages.next().await? {
        items.extend(page);
    }
    Ok(Collected { items, pages: pages.read, cut: pages.cut, shrank: pages.shrank })
}

/// Begins a walk over the action's pages. An input that has a mark begins there.
///
/// # Errors
/// As [`Connector::action`]; `InvalidInput` when the action does not come in pages or the input is no object.
pub fn pages<'a>(
    connector: &'a Connector,
    cx: &'a Cx,
    action: &str,
    input: Value,
    options: Options,
) -> Result<Pages<'a>> {
    let info = connector.action(action)?.info();
    let Some(paging) = info.paging.clone() else {
        let paged: Vec<&str> =
            connector.actions().iter().filter(|a| a.info().paging.is_some()).map(|a| a.info().name.as_str()).collect();
        let which =
            if paged.is_empty() { "none do".to_owned() } else { format!("those that do are {}", paged.join(", ")) };
        let text = format!("`{}` does not come in pages, so call it without asking for all; {which}", info.name);
        return Err(Error::new(ErrorKind::InvalidInput, text).with_connector(connector.id().to_owned()));
    };
    let Value::Object(input) = input else { return Err(Error::invalid_field("", "must be an object")) };
    let field = paging.next_input.trim_start_matches('/').to_owned();
    let given = input.get(&field);
    let mut guard = Guard::new();
    let place = match (&paging.step, given) {
        (StepInfo::Number { first }, None) => *first,
        (_, given) => given.and_then(Value::as_u64).unwrap_or(0),
    };
    if let Some(mark) = given.filter(|m| !is_end(m)) {
        guard.mark(1, mark)?;
    }
    let action = info.name.clone();
    Ok(Pages {
        connector,
        cx,
        action,
        paging,
        field,
        input,
        options,
        guard,
        place,
        read: 0,
        items: 0,
        bytes: 0,
        done: false,
        cut: None,
        shrank: false,
    })
}

/// A walk over an action's pages. Nothing is called until [`next`](Self::next) or a stream of it is polled.
#[must_use]
pub struct Pages<'a> {
    connector: &'a Connector,
    cx: &'a Cx,
    action: String,
    paging: PagingInfo,
    /// The top-level field of the input where marks go.
    field: String,
    input: Map<String, Value>,
    options: Options,
    guard: Guard,
    /// The offset or number of the next page, where they are reckoned.
    place: u64,
    read: usize,
    items: usize,
    bytes: usize,
    done: bool,
    cut: Option<Cut>,
    shrank: bool,
}

impl Pages<'_> {
    /// The next page's items; `None` after the last and after an error. A page may be empty.
    ///
    /// # Errors
    /// The action's own; `Cancelled` once the caller gave up; `Protocol` for the answers that the module names.
    pub async fn next(&mut self) -> Result<Option<Vec<Value>>> {
        if self.done {
            return Ok(None);
        }
        if self.options.max_items == 0 || self.options.max_pages == 0 {
            self.end(Some(if self.options.max_items == 0 { Cut::Items } else { Cut::Pages }));
            return Ok(None);
        }
        // Until it is known that there is another page, so that an error or a dropped future ends the walk.
        self.done = true;
        self.read_page().await.map(Some).map_err(|e| e.with_connector(self.connector.id().to_owned()))
    }

    async fn read_page(&mut self) -> Result<Vec<Value>> {
        if self.cx.call_context().cancel.is_cancelled() {
            return Err(Error::new(ErrorKind::Cancelled, "the call was cancelled"));
        }
        let mut output = self.connector.call(&self.action, self.cx, Value::Object(self.input.clone())).await?;
        self.read += 1;
        let mut items = match output.pointer_mut(&self.paging.items).map(Value::take) {
            Some(Value::Array(items)) => items,
            None | Some(Value::Null) => Vec::new(),
            Some(_) => {
                return Err(Error::protocol(format!("`{}` of page {} is no list", self.paging.items, self.read)));
            }
        };
        let total = self.paging.total.as_ref().and_then(|p| output.pointer(p)).and_then(Value::as_u64);
        self.shrank |= self.guard.shrank(total);
        let next = self.following(&output, &items, total);
        self.bytes = self.bytes.saturating_add(self.guard.page(self.read, &items, matches!(next, Next::At(_)))?);

        let room = self.options.max_items - self.items;
        let too_many = items.len() > room;
        items.truncate(room);
        self.items += items.len();
        match next {
            _ if too_many => self.end(Some(Cut::Items)),
            Next::End => self.end(None),
            Next::Stuck => self.end(Some(Cut::Stuck)),
            Next::At(_) if self.items == self.options.max_items => self.end(Some(Cut::Items)),
            Next::At(_) if self.bytes >= self.options.max_bytes => self.end(Some(Cut::Bytes)),
            Next::At(_) if self.read == self.options.max_pages => self.end(Some(Cut::Pages)),
            Next::At(mark) => {
                self.guard.mark(self.read + 1, &mark)?;
                self.input.insert(self.field.clone(), mark);
                self.done = false;
            }
        }
        Ok(items)
    }

    fn end(&mut self, cut: Option<Cut>) {
        self.done = true;
        self.cut = cut;
    }

    /// Where the page after this one is.
    fn following(&mut self, output: &Value, items: &[Value], total: Option<u64>) -> Next {
        if self.paging.step == StepInfo::Mark {
            return match output.pointer(&self.paging.next_output) {
                Some(mark) if !is_end(mark) => Next::At(mark.clone()),
                _ => Next::End,
            };
        }
        let says = self.paging.more.as_ref().map(|p| output.pointer(p).is_some_and(|v| !is_no(v)));
        let count = u64::try_from(items.len()).unwrap_or(u64::MAX);
        let more = match (&self.paging.step, total) {
            _ if says.is_some() => says == Some(true),
            // Read to the number that the service counts, unless what it counts is not what it lists.
            (StepInfo::Offset, Some(total)) => count > 0 && self.place.saturating_add(count) < total,
            _ => count > 0,
        };
        if !more {
            return Next::End;
        }
        match &self.paging.step {
            StepInfo::Number { .. } => {
                self.place = self.place.saturating_add(1);
                Next::At(self.place.into())
            }
            _ if items.is_empty() => Next::Stuck,
            StepInfo::AfterLast { value } => match items.last().and_then(|i| i.pointer(value)) {
                Some(mark) if !is_end(mark) => Next::At(mark.clone()),
                _ => Next::Stuck,
            },
            _ => {
                self.place = self.place.saturating_add(count);
                Next::At(self.place.into())
            }
        }
    }

    /// Why it ended before the service's end; `None` while it goes on, and at the true end.
    pub fn cut(&self) -> Option<Cut> {
        self.cut
    }

    /// How many pages were read so far.
    pub fn read(&self) -> usize {
        self.read
    }

    /// Whether the list became shorter while it was read: items may be missing.
    pub fn shrank(&self) -> bool {
        self.shrank
    }

    /// The pages as a stream, which ends after an error. What [`cut`](Self::cut) it can be asked afterwards.
    pub fn stream(&mut self) -> impl Stream<Item = Result<Vec<Value>>> + '_ {
        stream::try_unfold(self, |pages| async move { Ok(pages.next().await?.map(|page| (page, pages))) })
    }

    /// The items as a stream, in the service's order, which ends after an error.
    pub fn items(&mut self) -> impl Stream<Item = Result<Value>> + '_ {
        self.stream().map_ok(|page| stream::iter(page).map(Ok)).try_flatten()
    }
}

/// Where the next page is.
enum Next {
    At(Value),
    End,
    /// There is more, and nothing to go on from.
    Stuck,
}

/// Whether a mark says that there is no next page.
fn is_end(mark: &Value) -> bool {
    mark.is_null() || mark.as_str() == Some("")
}

/// Whether an answer to "is there more" is no.
fn is_no(v: &Value) -> bool {
    is_end(v) || v == &Value::Bool(false) || v.as_f64() == Some(0.0)
}
