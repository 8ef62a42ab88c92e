//! Faults of params.

use connector_core::{
    Action, ActionDef, ActionSpec, ConnectorSpec, Cx, DataType, FieldError, Fieldset, InputType, ParamSpec, Result,
    SelectOption,
    param::{Mistaken, TokenShape},
};
use connector_testkit::contract::Law;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};

use crate::{
    files::Files,
    judge,
    widgets::{HEALTHY, PARAMS},
};

const NEW: ParamSpec = ParamSpec::new("region", "Region").description("Where the account is.").optional();
const OPTIONS: &[SelectOption] =
    &[SelectOption { label: "Europe", value: "eu" }, SelectOption { label: "America", value: "us" }];

/// The healthy connector with these params beside its own.
fn with(more: &[ParamSpec]) -> ConnectorSpec {
    let all: Vec<ParamSpec> = PARAMS.iter().chain(more).copied().collect();
    HEALTHY.params(Box::leak(all.into_boxed_slice()))
}

/// What the params law says of it.
fn found(spec: &ConnectorSpec) -> Vec<String> {
    let all = judge(spec, &Files::healthy());
    all.into_iter().filter(|v| v.law == Law::Params).map(|v| v.detail).collect()
}

#[track_caller]
fn says(spec: &ConnectorSpec, words: &str) {
    let found = found(spec);
    assert!(found.iter().any(|d| d.contains(words)), "none says `{words}`: {found:#?}");
}

#[track_caller]
fn is_sound(spec: &ConnectorSpec) {
    assert_eq!(found(spec), Vec::<String>::new());
}

#[test]
fn params_that_are_whole_are_no_fault() {
    is_sound(
        &with(&[
            NEW.select(OPTIONS).default("eu").fieldset("more"),
            ParamSpec::new("port", "Port")
                .description("Of its host.")
                .data(DataType::Int)
                .range(1.0, 65535.0)
                .default("443")
                .example("8443")
                .anti_example("0", "It begins with 1.")
                .visible_if("region", &["us"])
                .fieldset("more"),
        ])
        .fieldsets(&[Fieldset { id: "more", title: "More", description: "" }]),
    );
}

#[test]
fn texts_and_examples() {
    says(&with(&[ParamSpec::new("region", "Region").description("Where it is.")]), "is required and has no example");
    says(&with(&[ParamSpec::new("region", " ").description("Where it is.").optional()]), "has no label");
    says(&with(&[NEW.description("where")]), "the description is missing or no sentence");
    let secret = ParamSpec::secret("key", "Key").description("From the page.").default("x");
    says(&with(&[secret]), "secret param `key` has a default");
    let three = NEW.pattern("^[a-z]{3}$").pattern_hint("three small letters");
    says(&with(&[three.example("eu")]), "param `region`: its example is refused: it must be three small letters");
    says(&with(&[three.anti_example("abc", "It is long.")]), "its anti-example is taken");
    says(&with(&[three.anti_example("ab", "")]), "does not say in a sentence why");
    says(&with(&[NEW.pattern("^a$")]), "no `pattern_hint`");
    says(&with(&[NEW.pattern("(").pattern_hint("x")]), "its schema does not compile");
    is_sound(&with(&[three.example("abc").anti_example("eu", "It has three letters.")]));
}

#[test]
fn defaults() {
    let number = NEW.data(DataType::Int).range(1.0, 5.0);
    says(&with(&[number.default("7")]), "its default is refused: it must be at most 5");
    says(&with(&[number.default("x")]), "its default is refused");
    says(&with(&[NEW.select(OPTIONS).default("asia")]), "its default is refused: it must be one of eu, us");
    says(&with(&[NEW.url().default("https://X.example/")]), "is not in the form in which it is stored");
    is_sound(&with(&[number.default("5")]));
}

#[test]
fn bounds() {
    says(&with(&[NEW.range(1.0, 2.0)]), "has a range and is no number");
    says(&with(&[NEW.data(DataType::Int).range(2.0, 1.0)]), "its range is empty");
    says(&with(&[NEW.data(DataType::Int).length(1, 2)]), "has a length and is no text");
    says(&with(&[NEW.length(3, 2)]), "no text has its length");
    says(&with(&[NEW.input(InputType::Select)]), "options belong to a select");
    const TWICE: &[SelectOption] = &[OPTIONS[0], OPTIONS[0], SelectOption { label: "", value: "x" }];
    says(&with(&[NEW.select(TWICE)]), "has an option twice");
    says(&with(&[NEW.select(TWICE)]), "has an option without label");
    says(&with(&[NEW.data(DataType::Column)]), "is a COLUMN");
    const SHAPE: TokenShape = TokenShape { prefixes: &["a-"], mistaken: &[Mistaken { prefix: "b-", words: "is b" }] };
    says(&with(&[NEW.token(SHAPE)]), "has the shape of a token");
    let key = ParamSpec::secret("key", "Key").description("From the page.").optional().token(SHAPE);
    says(&with(&[key.example("b-1")]), "its example is refused: it is b");
    is_sound(&with(&[key.anti_example("b-1", "It is a b.")]));
}

#[test]
fn conditions() {
    let kind = ParamSpec::new("kind", "Kind").description("Which.").select(OPTIONS).default("eu");
    let flag = ParamSpec::new("flag", "Flag").description("Whether.").data(DataType::Bool).default("false");
    says(&with(&[NEW.visible_if("none", &["x"])]), "is visible by `none`, which is no other param");
    says(&with(&[NEW.visible_if("region", &["x"])]), "which is no other param");
    says(&with(&[NEW.visible_if("base_url", &["x"])]), "neither a select nor a yes or no");
    says(&with(&[kind, NEW.visible_if("kind", &["asia"])]), "with `asia`, which `kind` never is");
    says(&with(&[flag, NEW.visible_if("flag", &["yes"])]), "with `yes`, which `flag` never is");
    says(&with(&[kind, NEW.visible_if("kind", &[])]), "with no value of `kind`");
    let round = [kind.visible_if("flag", &["true"]), flag.visible_if("kind", &["eu"])];
    says(&with(&round), "goes round");
    is_sound(&with(&[kind, flag, NEW.visible_if("flag", &["true"])]));
}

#[test]
fn groups() {
    says(&with(&[NEW.fieldset("more")]), "there is no fieldset `more`");
    let sets = |sets: &'static [Fieldset]| with(&[NEW.fieldset("more")]).fieldsets(sets);
    says(&sets(&[Fieldset { id: "more", title: "", description: "" }]), "fieldset `more` has no title");
    const MORE: Fieldset = Fieldset { id: "more", title: "More", description: "" };
    says(&sets(&[MORE, MORE]), "is declared twice");
    says(&sets(&[MORE, Fieldset { id: "Rest", title: "Rest", description: "" }]), "`Rest` is not lower_snake_case");
    says(&sets(&[MORE, Fieldset { id: "rest", title: "Rest", description: "" }]), "fieldset `rest` has no param");
}

/// Which.
#[derive(Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
struct Which {
    /// A text in the name.
    #[serde(default)]
    #[allow(dead_code)]
    query: Option<String>,
}

/// What needs an input.
#[derive(Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
struct Needs {
    /// Which team's.
    #[allow(dead_code)]
    team: String,
}

/// A list.
#[derive(Serialize, JsonSchema)]
struct Listed {
    /// The regions.
    regions: Vec<One>,
    /// How many.
    count: u32,
}

/// One of them.
#[derive(Serialize, JsonSchema)]
struct One {
    /// Its key.
    key: String,
    /// Its name.
    name: String,
}

macro_rules! lists {
    ($name:ident, $input:ty, $spec:expr) => {
        struct $name;
        impl Action for $name {
            const SPEC: ActionSpec = $spec;
            type Input = $input;
            type Output = Listed;
            async fn run(_: &Cx, _: $input) -> Result<Listed> {
                Ok(Listed { regions: Vec::new(), count: 0 })
            }
        }
    };
}

lists!(List, Which, ActionSpec::new("list_regions", "List regions").read());
lists!(Make, Which, ActionSpec::new("make_regions", "Make regions"));
lists!(OfTeam, Needs, ActionSpec::new("list_of_team", "List regions").read());

#[test]
fn live_options() {
    const ACTIONS: &[ActionDef] =
        &[crate::widgets::CREATE[0], ActionDef::of::<List>(), ActionDef::of::<Make>(), ActionDef::of::<OfTeam>()];
    let of = |p: ParamSpec| with(&[p]).actions(ACTIONS);
    let good = NEW.live("list_regions", "/regions", "/key", "/name").live_search("query");
    is_sound(&of(good));
    says(&of(NEW.live("list", "/regions", "/key", "/name")), "come from `list`, which is no action");
    says(&of(NEW.live("make_regions", "/regions", "/key", "/name")), "from an action that writes");
    says(&of(NEW.live("list_regions", "/count", "/key", "/name")), "`/count` is no array of the output");
    says(&of(NEW.live("list_regions", "/regions", "/id", "/name")), "have no `/id`");
    says(&of(NEW.live("list_regions", "/regions", "/key", "/title")), "have no `/title`");
    says(&of(good.live_search("text")), "the input of `list_regions` has no field `text`");
    says(&of(NEW.live("list_of_team", "/regions", "/key", "/name")), "cannot be called without input");
    says(&of(good.input(InputType::Password)), "is a secret, no text, or has options of its own");
    let of_app = HEALTHY.actions(ACTIONS).app_params(Box::leak(Box::new([good])));
    says(&of_app, "an app has no connection");
}

fn migrate(_: u32, _: &mut Map<String, Value>) -> std::result::Result<(), Vec<FieldError>> {
    Ok(())
}

#[allow(clippy::unnecessary_wraps, reason = "the form of every migration")]
fn indexes(_: u32, values: &mut Map<String, Value>) -> std::result::Result<(), Vec<FieldError>> {
    let host = values["host"].take();
    values.insert("base_url".into(), host);
    Ok(())
}

#[test]
fn versions() {
    is_sound(&HEALTHY.params_version(2, migrate));
    says(&HEALTHY.params_version(1, migrate), "a migration and version 1");
    says(&HEALTHY.params_version(0, migrate), "the first is 1");
    says(&HEALTHY.params_version(2, indexes), "the migration from version 1 panics where values are missing");
}

#[test]
fn a_page_with_another_table() {
    let other = HEALTHY.pages(
        "https://docs.widgets.example",
        "`create_widget` and `widget_made` and so on.",
        crate::widgets::ICON,
    );
    crate::breaks(&other, &Files::healthy(), &[Law::DocsPage], "has no table of its params");
    let changed = with(&[NEW]);
    let all = judge(&changed, &Files::healthy());
    assert!(all.iter().any(|v| v.law == Law::DocsPage && v.detail.contains("is not what they are")), "{all:#?}");
}
