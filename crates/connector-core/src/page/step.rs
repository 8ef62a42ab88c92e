//! How pages are asked for where the answer holds no mark of the next one: declared, const, and as callers see it.

use serde::Serialize;

use crate::spec::ActionSpec;

/// Paging whose next page the caller reckons: by offset, by page number, or from the last item. Paging whose next page the
/// service marks (a cursor, a token, the next page's number or address) is a [`Paging`](crate::spec::Paging).
///
/// ```
/// use connector_core::{ActionSpec, page::Stepping};
///
/// const PAGER_DUTY: ActionSpec = ActionSpec::new("list_incidents", "List incidents")
///     .stepped(Stepping::offset("/incidents", "/offset").more("/more"))
///     .total("/total");
/// const STRIPE: ActionSpec = ActionSpec::new("list_charges", "List charges")
///     .stepped(Stepping::after_last("/charges", "/id", "/starting_after").more("/has_more"));
/// ```
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Stepping {
    items: &'static str,
    next_input: &'static str,
    step: Step,
    more: &'static str,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Step {
    Offset,
    Number { first: u64 },
    AfterLast { value: &'static str },
}

impl Stepping {
    /// The next page begins after so many items: the input's own offset (0 unless given) and what has come since. All
    /// three are JSON pointers here: `items` to the array in the output, `next_input` to the top-level field of the input.
    pub const fn offset(items: &'static str, next_input: &'static str) -> Self {
        Self { items, next_input, step: Step::Offset, more: "" }
    }

    /// Pages have numbers: the input's own (`first` unless given), and one more each page.
    pub const fn number(items: &'static str, next_input: &'static str, first: u64) -> Self {
        Self { items, next_input, step: Step::Number { first }, more: "" }
    }

    /// The next page begins after the last item: `value` is the JSON pointer, in an item, to what names it.
    pub const fn after_last(items: &'static str, value: &'static str, next_input: &'static str) -> Self {
        Self { items, next_input, step: Step::AfterLast { value }, more: "" }
    }

    /// JSON pointer to what says in the output whether there is more: absent, null, false, 0 and the empty text mean the
    /// end. Without it an empty page is the end, which costs a request more.
    pub const fn more(mut self, pointer: &'static str) -> Self {
        self.more = pointer;
        self
    }
}

/// How results come in pages, owned: what a [`Paging`](crate::spec::Paging) or a [`Stepping`] declares.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize)]
pub struct PagingInfo {
    /// JSON pointer to the items in the output.
    pub items: String,
    /// JSON pointer to the next page's mark in the output; empty where the caller reckons it, see `step`.
    #[serde(skip_serializing_if = "String::is_empty")]
    pub next_output: String,
    /// JSON pointer in the input where the mark goes.
    pub next_input: String,
    /// How the next page's mark is come by.
    pub step: StepInfo,
    /// JSON pointer to what says in the output whether there is more.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub more: Option<String>,
    /// JSON pointer to the number of all items in the output, where the service counts.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub total: Option<String>,
}

/// How the next page's mark is come by.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize)]
#[serde(tag = "by", rename_all = "snake_case")]
#[non_exhaustive]
pub enum StepInfo {
    /// The answer holds it.
    #[default]
    Mark,
    /// The number of items before the next page.
    Offset,
    /// The number of the page.
    Number {
        /// The first page's.
        first: u64,
    },
    /// From the last item.
    AfterLast {
        /// JSON pointer, in an item, to what names it.
        value: String,
    },
}

impl PagingInfo {
    /// What a spec declares; at most one of `paged` and `stepped` is there.
    pub(crate) fn of(spec: &ActionSpec) -> Option<Self> {
        let some = |text: &str| Some(text.to_owned()).filter(|t| !t.is_empty());
        let total = some(spec.total);
        if let Some(s) = spec.stepping {
            let step = match s.step {
                Step::Offset => StepInfo::Offset,
                Step::Number { first } => StepInfo::Number { first },
                Step::AfterLast { value } => StepInfo::AfterLast { value: value.to_owned() },
            };
            let (items, next_input) = (s.items.to_owned(), s.next_input.to_owned());
            return Some(Self { items, next_output: String::new(), next_input, step, more: some(s.more), total });
        }
        let p = spec.paging?;
        let (next_output, next_input) = (p.next_output.to_owned(), p.next_input.to_owned());
        Some(Self { items: p.items.to_owned(), next_output, next_input, step: StepInfo::Mark, more: None, total })
    }
}
