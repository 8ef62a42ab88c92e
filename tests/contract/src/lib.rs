//! The generated contract suite over every connector.
