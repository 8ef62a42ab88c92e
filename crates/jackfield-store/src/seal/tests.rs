//! What sealing promises.

#![allow(clippy::unwrap_used, clippy::indexing_slicing)]
use super::*;

fn master(byte: u8) -> MasterKey {
    MasterKey::from_bytes([byte; KEY_LEN])
}

fn sealer() -> Sealer {
    Sealer::new(&master(1), Zeroizing::new([7; KEY_LEN]))
}

const HERE: Place<'static> = Place { table: "t", column: "c", row: b"1", name: b"n" };
type Seal = fn(&Sealer, Place<'_>, &[u8]) -> Result<Vec<u8>>;
const LAYOUTS: [(Seal, usize); 2] = [(Sealer::seal, 29), (Sealer::seal_secret, 97)];

#[test]
fn what_is_sealed_opens_and_shows_nothing() {
    for (seal, more) in LAYOUTS {
        for value in [&b""[..], b"x", &[42; 100_000]] {
            let sealed = seal(&sealer(), HERE, value).unwrap();
            assert_eq!(sealed.len(), value.len() + more);
            assert_eq!(sealer().open(HERE, &sealed).unwrap(), value);
            assert_ne!(sealed, seal(&sealer(), HERE, value).unwrap(), "the nonce is fresh");
        }
    }
}

#[test]
fn a_value_opens_only_in_its_place_and_unaltered() {
    for (seal, _) in LAYOUTS {
        let sealed = seal(&sealer(), HERE, b"value").unwrap();
        for place in [
            Place { table: "u", ..HERE },
            Place { column: "d", ..HERE },
            Place { row: b"2", ..HERE },
            Place { name: b"", ..HERE },
            // The same letters, cut elsewhere.
            Place { row: b"1n", name: b"", ..HERE },
        ] {
            assert!(sealer().open(place, &sealed).is_err());
        }
        for i in 0..sealed.len() {
            let mut altered = sealed.clone();
            altered[i] ^= 1;
            assert!(sealer().open(HERE, &altered).is_err(), "byte {i}");
            assert!(sealer().open(HERE, &sealed[..i]).is_err(), "cut at {i}");
        }
    }
    let sealed = sealer().seal(HERE, b"value").unwrap();
    assert!(Sealer::new(&master(1), Zeroizing::new([8; KEY_LEN])).open(HERE, &sealed).is_err());
    let sealed = sealer().seal_secret(HERE, b"value").unwrap();
    assert!(Sealer::new(&master(2), Zeroizing::new([7; KEY_LEN])).open(HERE, &sealed).is_err());
}

#[test]
fn an_envelopes_parts_do_not_fit_another_one() {
    let (one, two) = (sealer().seal_secret(HERE, b"one").unwrap(), sealer().seal_secret(HERE, b"two").unwrap());
    let mixed = [&one[..HEADER_LEN], &two[HEADER_LEN..]].concat();
    assert!(sealer().open(HERE, &mixed).is_err());
    // A wrapped key that says that another master key wrapped it.
    let both = sealer();
    both.begin_rotation(&master(2));
    let mut renamed = both.seal_secret(HERE, b"x").unwrap();
    renamed[..PREFIX_LEN].copy_from_slice(&prefix(master(1).id()));
    assert!(both.open(HERE, &renamed).is_err());
}

#[test]
fn another_master_key_takes_over_without_the_value_being_touched() {
    let sealer = sealer();
    let old = sealer.seal_secret(HERE, b"value").unwrap();
    sealer.begin_rotation(&master(2));
    assert_eq!(sealer.open(HERE, &old).unwrap(), b"value", "both are known");
    let new = sealer.rewrap(HERE, &old).unwrap();
    assert_eq!(new[HEADER_LEN..], old[HEADER_LEN..]);
    assert_eq!(new[..PREFIX_LEN], prefix(master(2).id()));
    assert!(sealer.rewrap(Place { row: b"2", ..HERE }, &old).is_err());
    sealer.end_rotation();
    assert_eq!(sealer.open(HERE, &new).unwrap(), b"value");
    assert!(sealer.open(HERE, &old).is_err(), "the old one is forgotten");
}

#[test]
fn the_data_key_is_known_under_its_own_master_key_alone() {
    let sealer = sealer();
    let (one, two) = (sealer.sealed_data_key(&master(1)).unwrap(), sealer.sealed_data_key(&master(2)).unwrap());
    let body = sealer.seal(HERE, b"body").unwrap();
    assert_eq!(Sealer::unlock(&master(2), &two).unwrap().open(HERE, &body).unwrap(), b"body");
    assert!(Sealer::unlock(&master(2), &one).is_none() && Sealer::unlock(&master(1), &two).is_none());
    // As version 1 wrote it.
    let v1 = Derived::new(LABEL, master(1).bytes()).seal(V1_DATA_KEY, &[7; KEY_LEN]).unwrap();
    assert_eq!(Sealer::unlock_v1(&master(1), &v1).unwrap().open(HERE, &body).unwrap(), b"body");
    assert!(Sealer::unlock(&master(1), &v1).is_none() && Sealer::unlock_v1(&master(2), &v1).is_none());
}
