//! Faults of what is declared.

use connector_core::{
    Action, ActionDef, ActionSpec, AntiExample, CapabilityDef, CapabilityImpl, CapabilityKind, CapabilitySpec,
    ConnectorSpec, Cx, Effect, Idempotency, Result,
    budget::{BudgetKey, BudgetSpec},
    capability::{Chat, ChatMessage, PostedMessage},
    page::Stepping,
    spec::Paging,
};
use connector_testkit::contract::Law;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::{
    breaks,
    files::Files,
    widgets::{CREATE, Create, DOCS, GOOD, HEALTHY, ICON, Input, MADES, Output, connector, fault, table},
};

/// An action that does all as the healthy one, but is declared otherwise.
macro_rules! declared {
    ($spec:expr) => {
        declared!($spec, Input, |i| i)
    };
    ($spec:expr, $input:ty, $into:expr) => {{
        struct Declared;
        impl Action for Declared {
            const SPEC: ActionSpec = $spec;
            type Input = $input;
            type Output = Output;
            async fn run(cx: &Cx, input: $input) -> Result<Output> {
                let into: fn($input) -> Input = $into;
                Create::<{ fault::NONE }>::run(cx, into(input)).await
            }
        }
        connector(const { &[ActionDef::of::<Declared>()] }, MADES)
    }};
}

#[test]
fn missing_description() {
    /// Not described.
    #[derive(Deserialize, JsonSchema)]
    #[serde(deny_unknown_fields)]
    struct Bare {
        #[schemars(length(min = 1))]
        name: String,
        /// Its size.
        size: Option<u32>,
    }
    let spec = declared!(GOOD, Bare, |b| Input { name: b.name, size: b.size });
    breaks(&spec, &Files::healthy(), &[Law::Descriptions], "does not describe /name");
}

#[test]
fn an_input_that_takes_unknown_fields() {
    /// Open.
    #[derive(Deserialize, JsonSchema)]
    struct Open {
        /// Its name.
        #[schemars(length(min = 1))]
        name: String,
        /// Its size.
        size: Option<u32>,
    }
    let spec = declared!(GOOD, Open, |b| Input { name: b.name, size: b.size });
    breaks(&spec, &Files::healthy(), &[Law::StrictInput], "takes unknown fields at (root)");
}

#[test]
fn a_summary_that_is_no_sentence() {
    let spec = declared!(GOOD.summary("creates a widget"));
    breaks(&spec, &Files::healthy(), &[Law::Summaries], "does not end with a full stop");
}

#[test]
fn a_docs_url_in_the_clear() {
    let spec = declared!(GOOD.docs("http://docs.widgets.example/create"));
    breaks(&spec, &Files::healthy(), &[Law::Links], "is not an absolute https URL");
}

#[test]
fn an_example_that_does_not_validate() {
    let spec = declared!(GOOD.examples(&[r#"{"nam": "left"}"#]));
    breaks(&spec, &Files::healthy(), &[Law::Examples], "did you mean `name`?");
}

#[test]
fn an_anti_example_that_validates() {
    let spec = declared!(GOOD.anti_examples(&[AntiExample { input: r#"{"name": "x"}"#, why: "It is short." }]));
    breaks(&spec, &Files::healthy(), &[Law::AntiExamples], "anti-example 1 validates");
}

#[test]
fn a_schema_and_a_type_that_disagree() {
    /// Its schema promises more than it takes.
    #[derive(Deserialize, JsonSchema)]
    #[serde(deny_unknown_fields)]
    struct Liar {
        /// Its name.
        #[schemars(length(min = 1))]
        name: String,
        /// Its size.
        #[schemars(with = "Option<f64>")]
        size: Option<u32>,
    }
    let spec =
        declared!(GOOD.examples(&[r#"{"name": "left", "size": 0.5}"#]), Liar, |b| Input { name: b.name, size: b.size });
    breaks(&spec, &Files::healthy(), &[Law::Examples], "validates, and the action then refuses it");
}

#[test]
fn paging_that_points_nowhere() {
    let spec = declared!(GOOD.paged(Paging { items: "/id", next_output: "/next", next_input: "/cursor" }));
    breaks(&spec, &Files::healthy(), &[Law::Paging], "the output has no `/next`");
}

#[test]
fn stepping_that_points_nowhere() {
    let judge = |spec: &ConnectorSpec, words: &str| breaks(spec, &Files::healthy(), &[Law::Paging], words);
    let offset = declared!(GOOD.stepped(Stepping::offset("/id", "/name")).total("/count"));
    judge(&offset, "`/id` is no array of the output");
    judge(&offset, "the output has no `/count`");
    let number = declared!(GOOD.stepped(Stepping::number("/id", "/page", 1).more("/has_more")));
    judge(&number, "`/page` is no top-level field of the input");
    judge(&number, "the output has no `/has_more`");
    let after = declared!(GOOD.stepped(Stepping::after_last("/id", "/key", "/name")));
    judge(&after, "the items of the output have no `/key`");
}

#[test]
fn a_default_from_a_secret() {
    let spec = declared!(GOOD.defaults(&[("name", "api_token")]));
    breaks(&spec, &Files::healthy(), &[Law::Defaults], "is a secret");
}

#[test]
fn a_read_that_must_not_be_repeated() {
    let spec = declared!(GOOD.effect(Effect::Read, Idempotency::None));
    breaks(&spec, &Files::healthy(), &[Law::Effects], "declare it `read()`");
}

#[test]
fn emulated_without_find() {
    let spec = declared!(GOOD.effect(Effect::Write, Idempotency::Emulated));
    breaks(&spec, &Files::healthy(), &[Law::Effects], "is emulated and has no `find`");
}

#[test]
fn an_output_that_is_not_of_its_schema() {
    /// Says that the id is a number.
    #[derive(Serialize, JsonSchema)]
    struct Wrong {
        /// Its id.
        #[schemars(with = "u64")]
        id: String,
        /// Its name.
        name: String,
    }
    struct Lies;
    impl Action for Lies {
        const SPEC: ActionSpec = GOOD;
        type Input = Input;
        type Output = Wrong;
        async fn run(cx: &Cx, input: Input) -> Result<Wrong> {
            let o = Create::<{ fault::NONE }>::run(cx, input).await?;
            Ok(Wrong { id: o.id, name: o.name })
        }
    }
    let spec = connector(const { &[ActionDef::of::<Lies>()] }, MADES);
    breaks(&spec, &Files::healthy(), &[Law::OutputSchema], "/id must be a whole number, not a string");
}

#[test]
fn two_actions_of_one_name() {
    const TWICE: &[ActionDef] = &[CREATE[0], CREATE[0]];
    breaks(&connector(TWICE, MADES), &Files::healthy(), &[Law::Names], "action `create_widget` is declared twice");
}

#[test]
fn an_icon_with_a_script() {
    let icon = r#"<svg viewBox="0 0 24 24"><script>alert(1)</script></svg>"#;
    let spec = HEALTHY.pages("https://docs.widgets.example", DOCS, icon);
    breaks(&spec, &Files::healthy(), &[Law::Icon], "the icon holds `<script`");
    let spec = HEALTHY.pages("https://docs.widgets.example", DOCS, r#"<svg viewBox="0 0 24 12"></svg>"#);
    breaks(&spec, &Files::healthy(), &[Law::Icon], "no square `viewBox`");
}

#[test]
fn a_page_that_leaves_an_action_out() {
    let spec = HEALTHY.pages(
        "https://docs.widgets.example",
        concat!("# Widgets\n\nTrigger `widget_made` tells of new ones.\n", table!()),
        ICON,
    );
    breaks(&spec, &Files::healthy(), &[Law::DocsPage], "does not name action `create_widget`");
}

#[test]
fn hosts_that_are_not_declared() {
    let spec = HEALTHY.hosts(&[]);
    breaks(&spec, &Files::healthy(), &[Law::Hosts], "it has actions and declares no host");
}

struct Talks;

#[async_trait::async_trait]
impl Chat for Talks {
    async fn post(&self, _: &Cx, m: ChatMessage) -> Result<PostedMessage> {
        Ok(PostedMessage { channel: m.channel, id: "1".into() })
    }
    async fn edit(&self, _: &Cx, _: &PostedMessage, _: &str) -> Result<()> {
        Ok(())
    }
    fn escape(&self, text: &str) -> String {
        text.to_owned()
    }
    fn link(&self, url: &str, _: &str) -> String {
        url.to_owned()
    }
}

fn talks() -> CapabilityImpl {
    CapabilityImpl::Chat(std::sync::Arc::new(Talks))
}

#[test]
fn a_capability_that_the_page_does_not_name() {
    const CAPS: &[CapabilityDef] =
        &[CapabilityDef::new(CapabilitySpec { kind: CapabilityKind::Chat, actions: &["create_widget"] }, talks)];
    breaks(&HEALTHY.capabilities(CAPS), &Files::healthy(), &[Law::DocsPage], "does not name capability `chat`");
}

#[test]
fn a_capability_of_another_kind_on_a_missing_action() {
    const CAPS: &[CapabilityDef] =
        &[CapabilityDef::new(CapabilitySpec { kind: CapabilityKind::Embedder, actions: &["embed"] }, talks)];
    let docs = concat!("Action `create_widget`, trigger `widget_made`, capability `embedder`.\n", table!());
    let spec = HEALTHY.capabilities(CAPS).pages("https://docs.widgets.example", docs, ICON);
    breaks(&spec, &Files::healthy(), &[Law::Capabilities], "its implementation is of another kind");
    breaks(&spec, &Files::healthy(), &[Law::Capabilities], "rests on action `embed`, which is not there");
}

#[test]
fn nothing_at_all() {
    let found = crate::judge(&HEALTHY.actions(&[]).triggers(&[]), &Files::healthy());
    assert!(found.iter().any(|v| v.law == Law::Content), "{found:#?}");
}

#[test]
fn a_budget_that_is_not_there() {
    let spec = declared!(GOOD.budgets(&["posting"]));
    breaks(&spec, &Files::healthy(), &[Law::Budgets], "which the connector does not declare");
}

#[test]
fn budgets_that_count_by_nothing_or_are_nobodys() {
    const COUNTS: BudgetSpec = BudgetSpec::new("all", "All calls.", &["5/s"]);
    for (budget, words) in [
        (COUNTS.key(&[BudgetKey::Secret("base_url")]), "which is no secret param"),
        (COUNTS.key(&[BudgetKey::Param("api_token")]), "which is no plain param"),
        (COUNTS.key(&[]), "says not what the service counts by"),
        (COUNTS.named(), "no action names the budget `all`"),
        (BudgetSpec::new("all", "", &["5/s"]), "no sentence"),
        (BudgetSpec::new("all", "All calls.", &[]), "has no limit"),
        (BudgetSpec::new("connection", "All calls.", &["5/s"]), "like the limits that operators set"),
        (COUNTS.key(&[BudgetKey::Secret("api_token")]), "does not count by the param `base_url`"),
        (COUNTS.key(&[BudgetKey::Identity("account")]), "does not count by the param `base_url`"),
    ] {
        let spec = declared!(GOOD).budgets(Box::leak(Box::new([budget])));
        breaks(&spec, &Files::healthy(), &[Law::Budgets], words);
    }
    let spec = declared!(GOOD.budgets(&["all"]));
    let by_input = COUNTS.key(&[BudgetKey::Input("/nothing")]).named();
    let spec = spec.budgets(Box::leak(Box::new([by_input])));
    breaks(&spec, &Files::healthy(), &[Law::Budgets], "counts by the input `/nothing`");
}

#[test]
fn a_write_that_is_free() {
    let spec = declared!(GOOD.cost(0));
    breaks(&spec, &Files::healthy(), &[Law::Effects], "only a read may be free");
}

#[test]
fn finding_at_once_without_finding() {
    let spec = declared!(GOOD.finds_at_once());
    breaks(&spec, &Files::healthy(), &[Law::Effects], "and is not emulated");
}
