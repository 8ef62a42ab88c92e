//! Typed connectors, chosen by Cargo features: the facade applications depend on.
