//! What a connector author declares, const.

use super::{Case, DataType, InputType, checks::TokenShape};

/// One choice of a [`InputType::Select`].
#[derive(Debug, Clone, Copy)]
pub struct SelectOption {
    /// What people see.
    pub label: &'static str,
    /// What is stored.
    pub value: &'static str,
}

/// A group of params in a form, const. Params name it by its id; the order is the one in which a connector lists them.
#[derive(Debug, Clone, Copy)]
pub struct Fieldset {
    /// Stable id.
    pub id: &'static str,
    /// What stands above the group.
    pub title: &'static str,
    /// What to know before filling it in.
    pub description: &'static str,
}

/// Where live options come from: an action of the connection, and where they stand in its output.
#[derive(Debug, Clone, Copy)]
pub(super) struct LiveSpec {
    pub(super) action: &'static str,
    pub(super) items: &'static str,
    pub(super) value: &'static str,
    pub(super) label: &'static str,
    pub(super) search: Option<&'static str>,
}

/// A param as a connector declares it, const. A param is required unless it has a default, is optional, or is not visible.
#[derive(Debug, Clone, Copy)]
pub struct ParamSpec {
    pub(super) id: &'static str,
    pub(super) label: &'static str,
    pub(super) description: &'static str,
    pub(super) placeholder: &'static str,
    pub(super) optional: bool,
    pub(super) default: Option<&'static str>,
    pub(super) data_type: DataType,
    pub(super) input_type: InputType,
    pub(super) options: &'static [SelectOption],
    pub(super) live: Option<LiveSpec>,
    pub(super) pattern: Option<&'static str>,
    pub(super) pattern_hint: &'static str,
    pub(super) min: Option<f64>,
    pub(super) max: Option<f64>,
    pub(super) min_length: Option<u32>,
    pub(super) max_length: Option<u32>,
    pub(super) example: Option<&'static str>,
    pub(super) anti_example: Option<(&'static str, &'static str)>,
    pub(super) format: Option<&'static str>,
    pub(super) token: Option<TokenShape>,
    pub(super) case: Case,
    pub(super) visible_if: Option<(&'static str, &'static [&'static str])>,
    pub(super) fieldset: &'static str,
}

impl ParamSpec {
    /// A required one-line text. `id` is stable and lower_snake_case.
    pub const fn new(id: &'static str, label: &'static str) -> Self {
        Self {
            id,
            label,
            description: "",
            placeholder: "",
            optional: false,
            default: None,
            data_type: DataType::String,
            input_type: InputType::Text,
            options: &[],
            live: None,
            pattern: None,
            pattern_hint: "",
            min: None,
            max: None,
            min_length: None,
            max_length: None,
            example: None,
            anti_example: None,
            format: None,
            token: None,
            case: Case::Kept,
            visible_if: None,
            fieldset: "",
        }
    }

    /// A required secret, entered hidden.
    pub const fn secret(id: &'static str, label: &'static str) -> Self {
        Self::new(id, label).input(InputType::Password)
    }

    /// Says in a sentence what it is and where to find it.
    pub const fn description(mut self, text: &'static str) -> Self {
        self.description = text;
        self
    }

    /// What an empty field shows.
    pub const fn placeholder(mut self, text: &'static str) -> Self {
        self.placeholder = text;
        self
    }

    /// May be left out.
    pub const fn optional(mut self) -> Self {
        self.optional = true;
        self
    }

    /// The value when none is given, as text in the param's data type; makes the param optional.
    pub const fn default(mut self, value: &'static str) -> Self {
        self.default = Some(value);
        self
    }

    /// Sets the data type.
    pub const fn data(mut self, data_type: DataType) -> Self {
        self.data_type = data_type;
        self
    }

    /// Sets the input type.
    pub const fn input(mut self, input_type: InputType) -> Self {
        self.input_type = input_type;
        self
    }

    /// Makes it a choice among `options`.
    pub const fn select(mut self, options: &'static [SelectOption]) -> Self {
        self.input_type = InputType::Select;
        self.options = options;
        self
    }

    /// Its options are suggested by the service: each item at the JSON pointer `items` of `action`'s output, with the pointers
    /// of its value and its label in the item. Any other value may be given too, since what was listed may be old.
    pub const fn live(
        mut self,
        action: &'static str,
        items: &'static str,
        value: &'static str,
        label: &'static str,
    ) -> Self {
        self.live = Some(LiveSpec { action, items, value, label, search: None });
        self
    }

    /// The top-level field of the live action's input that takes a text to search for. Without one the gateway searches in
    /// what the action lists. Stands after [`live`](Self::live).
    pub const fn live_search(mut self, field: &'static str) -> Self {
        if let Some(mut live) = self.live {
            live.search = Some(field);
            self.live = Some(live);
        }
        self
    }

    /// A regular expression that the text must match. Say with [`pattern_hint`](Self::pattern_hint) what it means.
    pub const fn pattern(mut self, regex: &'static str) -> Self {
        self.pattern = Some(regex);
        self
    }

    /// What the pattern wants, in words that stand after “must be”: `two to ten capital letters`.
    pub const fn pattern_hint(mut self, words: &'static str) -> Self {
        self.pattern_hint = words;
        self
    }

    /// The least and the greatest number, both allowed.
    pub const fn range(mut self, min: f64, max: f64) -> Self {
        self.min = Some(min);
        self.max = Some(max);
        self
    }

    /// The fewest and the most characters of a text.
    pub const fn length(mut self, min: u32, max: u32) -> Self {
        self.min_length = Some(min);
        self.max_length = Some(max);
        self
    }

    /// A value that is right; the contract suite uses it, and so do docs.
    pub const fn example(mut self, value: &'static str) -> Self {
        self.example = Some(value);
        self
    }

    /// A value that people give by mistake, which must be refused, and a sentence that says why it is wrong.
    pub const fn anti_example(mut self, value: &'static str, why: &'static str) -> Self {
        self.anti_example = Some((value, why));
        self
    }

    /// An absolute http or https URL. It is stored in its canonical form: scheme and host in lower case, an international
    /// name as ASCII, no default port, no trailing slash.
    pub const fn url(mut self) -> Self {
        self.format = Some("uri");
        self
    }

    /// An e-mail address.
    pub const fn email(mut self) -> Self {
        self.format = Some("email");
        self
    }

    /// The name or the address of a host, without scheme, port and path. It is stored in lower case.
    pub const fn host(mut self) -> Self {
        self.format = Some("hostname");
        self
    }

    /// Any JSON value, entered in several lines.
    pub const fn json(self) -> Self {
        self.data(DataType::Json).input(InputType::TextArea)
    }

    /// A credential of this shape.
    pub const fn token(mut self, shape: TokenShape) -> Self {
        self.token = Some(shape);
        self
    }

    /// The service takes capitals for small letters: it is stored in lower case.
    pub const fn lower(mut self) -> Self {
        self.case = Case::Lower;
        self
    }

    /// The service takes small letters for capitals: it is stored in upper case.
    pub const fn upper(mut self) -> Self {
        self.case = Case::Upper;
        self
    }

    /// Is only asked for where another param has one of these values, as text in that param's data type. Elsewhere it is
    /// neither required nor kept.
    pub const fn visible_if(mut self, param: &'static str, values: &'static [&'static str]) -> Self {
        self.visible_if = Some((param, values));
        self
    }

    /// The group of the form that it stands in, by the id of a [`Fieldset`].
    pub const fn fieldset(mut self, id: &'static str) -> Self {
        self.fieldset = id;
        self
    }

    /// Its id.
    pub const fn id(&self) -> &'static str {
        self.id
    }
}
