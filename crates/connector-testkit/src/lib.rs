//! Fixtures, replay transport, fake service and the laws of the contract suite.
