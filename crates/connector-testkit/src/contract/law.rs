//! The laws, by name. Each is a sentence that holds of every connector.

macro_rules! laws {
    ($($(#[doc = $doc:literal])+ $name:ident = $slug:literal,)+) => {
        /// A law of the contract suite.
        #[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
        #[non_exhaustive]
        pub enum Law {
            $($(#[doc = $doc])+ $name,)+
        }

        impl Law {
            /// Every law.
            pub const ALL: &'static [Self] = &[$(Self::$name,)+];

            /// Its name in trial names, lower_snake_case.
            pub const fn slug(self) -> &'static str {
                match self { $(Self::$name => $slug,)+ }
            }

            /// What it says.
            pub fn sentence(self) -> &'static str {
                match self { $(Self::$name => concat!($($doc),+).trim_start(),)+ }
            }
        }
    };
}

laws! {
    // --- what is declared
    /// Every id and name is lower_snake_case and there once.
    Names = "names",
    /// Connector, actions and triggers have a title and a summary that is one sentence of at most 200 characters.
    Summaries = "summaries",
    /// Every documentation URL is an absolute https URL.
    Links = "links",
    /// The icon is a square SVG without scripts or anything from outside.
    Icon = "icon",
    /// The connector's page names every action, trigger and capability, and has the table of its params.
    DocsPage = "docs_page",
    /// A connector has at least one action or trigger.
    Content = "content",
    /// Params have label and description, what they say of their values is sound and in agreement with their examples, what they refer to is there, and a later version of them has a migration.
    Params = "params",
    /// Every schema compiles and its root is an object.
    Schemas = "schemas",
    /// Every property of every schema is described.
    Descriptions = "descriptions",
    /// Inputs refuse fields that they do not know.
    StrictInput = "strict_input",
    /// Examples validate and decode; there is at least one.
    Examples = "examples",
    /// Anti-examples do not validate; there is at least one where the input has fields.
    AntiExamples = "anti_examples",
    /// Paging points at what is there: items, next mark, its place in the input.
    Paging = "paging",
    /// Defaults name an input field and a param that is no secret.
    Defaults = "defaults",
    /// Reads are natural to repeat; actions that are emulated can look for an earlier call.
    Effects = "effects",
    /// Budgets and what they count by are there, each is used, and every action of a connector with budgets uses one.
    Budgets = "budgets",
    /// Capabilities are what they say, and the actions they rest on exist.
    Capabilities = "capabilities",
    /// Hosts are declared, and no request goes elsewhere.
    Hosts = "hosts",
    /// The webhook is declared whole: a known key, reasons where nothing is verified, triggers to feed.
    WebhookDeclared = "webhook_declared",
    /// What auth methods name is there, and their addresses are sound.
    AuthMethods = "auth_methods",
    /// No event type belongs to two triggers.
    EventPatterns = "event_patterns",
    /// Polled triggers say how often, and survive every answer.
    Polling = "polling",
    /// The validator reports bad credentials as errors and survives every answer.
    Validator = "validator",

    // --- actions
    /// Every action has a success, an error of the service and a 429 among its fixtures.
    Cases = "cases",
    /// Every field of an action's input is given by a fixture that sends something: what none gives, nothing has proved.
    EveryField = "every_field",
    /// The fixture's input and connection values validate.
    Input = "input",
    /// Every request equals the fixture: method, URL, all headers, body; each exchange is used, none is added.
    Request = "request",
    /// A success succeeds, and the output holds what the fixture lists.
    Output = "output",
    /// Outputs validate against the action's own output schema.
    OutputSchema = "output_schema",
    /// Fields that the service adds tomorrow change nothing.
    UnknownFields = "unknown_fields",
    /// What the service calls a failure is a failure, whatever its status.
    Failure = "failure",
    /// Failures have the kind, code and fields that the fixture says.
    ErrorKind = "error_kind",
    /// Failures have the retry advice and pause that the fixture says.
    RetryAdvice = "retry_advice",
    /// An answer that breaks the service's contract is a `protocol` error.
    BrokenAnswers = "broken_answers",
    /// No answer makes an action panic or ask for ever.
    NoPanic = "no_panic",
    /// The fake service made from the fixtures answers what the connector sends.
    FakeService = "fake_service",
    /// An unknown action is an `INVALID_ARGUMENT`.
    UnknownAction = "unknown_action",

    // --- actions, at a hostile service over a real socket
    /// A status of failure is a failure of the kind and advice that it means, whatever the words with it.
    HostileStatuses = "hostile_statuses",
    /// A refusal for coming too fast is `rate_limited` with the pause that was asked for, in whatever style.
    HostileRateLimits = "hostile_rate_limits",
    /// A connection that breaks after the request is ambiguous, and nothing that is not idempotent is sent again.
    HostileWire = "hostile_wire",
    /// No success is made of an answer that is broken, too large, endless or cut off.
    HostileBodies = "hostile_bodies",
    /// A service that takes its time meets the call's end.
    HostileSlow = "hostile_slow",
    /// A redirect leads no call to where it may not go, and no secret anywhere.
    HostileRedirects = "hostile_redirects",
    /// A list that goes round or repeats itself ends all the same.
    HostilePages = "hostile_pages",
    /// Credentials that are refused are an `auth` error until there are new ones; then all is well.
    HostileCredentials = "hostile_credentials",

    // --- triggers
    /// Every trigger has a fixture.
    TriggerFixtures = "trigger_fixtures",
    /// A genuine request is accepted.
    Genuine = "genuine",
    /// A request without proof, or with a wrong, empty, cut, doubled or wrongly written one, is refused.
    Forged = "forged",
    /// A request whose body was altered is refused.
    BodyBound = "body_bound",
    /// A stale or future request is refused where a time is signed; at the tolerance it is accepted.
    Fresh = "fresh",
    /// While a key is rotated both are accepted; no key accepts nothing.
    Rotation = "rotation",
    /// A delivery is read as the event type, trigger and subject that the fixture says.
    EventRead = "event_read",
    /// The delivery id is found; a trigger without one dedupes by digest.
    DeliveryId = "delivery_id",
    /// An app-wide address finds what its connection is told by.
    Identity = "identity",
    /// A delivery is acknowledged as the service wants it.
    Acknowledgement = "acknowledgement",
    /// The payload decodes into the trigger's type and validates against its schema.
    Payload = "payload",
    /// An event type that nobody knows is kept raw, never an error.
    UnknownEvents = "unknown_events",
    /// No body makes reading panic.
    MutatedBodies = "mutated_bodies",
    /// Handshakes are answered as the service wants it, and only when they prove what they must.
    Handshake = "handshake",

    // --- secrets
    /// No secret is in an error, an output or a log, whatever the service or the network does.
    NoLeak = "no_leak",

    // --- fixtures
    /// A connector has fixtures, and every file is one.
    Readable = "readable",
    /// What the vendor signed is verified, and neither with another key nor with an altered body.
    PublishedSignature = "published_signature",
    /// Every fixture belongs to something that is declared, and is called what it is.
    NoOrphans = "no_orphans",
    /// Every fixture says where it comes from: a known kind, a source, a date.
    Origins = "origins",
    /// No fixture holds a credential.
    NoSecrets = "no_secrets",
}

impl Law {
    /// Whether it is judged over a real socket.
    pub(crate) fn needs_a_wire(self) -> bool {
        self.slug().starts_with("hostile_")
    }
}

impl std::fmt::Display for Law {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(self.slug())
    }
}
