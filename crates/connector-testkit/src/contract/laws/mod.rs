//! The laws' code, one file a family.

pub(super) mod actions;
pub(super) mod auth;
pub(super) mod budgets;
pub(super) mod faults;
pub(super) mod fixtures;
pub(super) mod forgery;
pub(super) mod hostile;
mod mutation;
pub(super) mod params;
pub(super) mod published;
pub(super) mod schemas;
pub(super) mod secrets;
pub(super) mod spec;
pub(super) mod triggers;
