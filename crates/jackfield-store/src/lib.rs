//! What the gateway keeps: SQLite inside, secrets sealed.
