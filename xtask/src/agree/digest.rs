//! SHA-256 (FIPS 180-4), so that a page can say which file a connector was compared with. It protects nothing: a crate
//! for it would weigh more than these lines.

/// The square roots' and cube roots' fractions are computed rather than typed: nothing here can hold a wrong digit.
fn fractions(root: impl Fn(f64) -> f64, count: usize) -> Vec<u32> {
    let mut primes: Vec<u32> = Vec::new();
    let mut n = 2u32;
    while primes.len() < count {
        if primes.iter().all(|p| !n.is_multiple_of(*p)) {
            primes.push(n);
        }
        n += 1;
    }
    // The first 32 bits of the fraction; a double holds 52 of a root below 8.
    #[allow(
        clippy::cast_possible_truncation,
        clippy::cast_sign_loss,
        reason = "a fraction below one, times 2^32, fits"
    )]
    primes.iter().map(|p| (root(f64::from(*p)).fract() * 4_294_967_296.0) as u32).collect()
}

/// The digest in hexadecimal.
pub(super) fn sha256(bytes: &[u8]) -> String {
    let k = fractions(f64::cbrt, 64);
    let mut hash = fractions(f64::sqrt, 8);
    let mut padded = bytes.to_vec();
    padded.push(0x80);
    padded.resize(padded.len() + (64 + 56 - padded.len() % 64) % 64, 0);
    padded.extend_from_slice(&(bytes.len() as u64 * 8).to_be_bytes());
    for block in padded.chunks(64) {
        round(&mut hash, block, &k);
    }
    hash.iter().map(|word| format!("{word:08x}")).collect()
}

fn round(hash: &mut [u32], block: &[u8], k: &[u32]) {
    let mut w: Vec<u32> =
        block.chunks(4).map(|c| c.iter().fold(0u32, |word, byte| (word << 8) | u32::from(*byte))).collect();
    for i in 16..64 {
        let back = |n: usize| w.get(i - n).copied().unwrap_or_default();
        let s0 = back(15).rotate_right(7) ^ back(15).rotate_right(18) ^ (back(15) >> 3);
        let s1 = back(2).rotate_right(17) ^ back(2).rotate_right(19) ^ (back(2) >> 10);
        w.push(back(16).wrapping_add(s0).wrapping_add(back(7)).wrapping_add(s1));
    }
    let [mut a, mut b, mut c, mut d, mut e, mut f, mut g, mut h] = <[u32; 8]>::try_from(&*hash).unwrap_or_default();
    for (w, k) in w.iter().zip(k) {
        let s1 = e.rotate_right(6) ^ e.rotate_right(11) ^ e.rotate_right(25);
        let t1 = h.wrapping_add(s1).wrapping_add((e & f) ^ (!e & g)).wrapping_add(*k).wrapping_add(*w);
        let s0 = a.rotate_right(2) ^ a.rotate_right(13) ^ a.rotate_right(22);
        let t2 = s0.wrapping_add((a & b) ^ (a & c) ^ (b & c));
        (h, g, f, e, d, c, b, a) = (g, f, e, d.wrapping_add(t1), c, b, a, t1.wrapping_add(t2));
    }
    for (word, add) in hash.iter_mut().zip([a, b, c, d, e, f, g, h]) {
        *word = word.wrapping_add(add);
    }
}

#[cfg(test)]
mod tests {
    use super::sha256;

    #[test]
    fn digests_are_those_of_the_standard() {
        for (text, want) in [
            ("", "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855"),
            ("abc", "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad"),
            (
                "abcdbcdecdefdefgefghfghighijhijkijkljklmklmnlmnomnopnopq",
                "248d6a61d20638b8e5c026930c3e6039a33ce45964ff2167f6ecedd419db06c1",
            ),
        ] {
            assert_eq!(sha256(text.as_bytes()), want);
        }
        assert_eq!(sha256(&b"a".repeat(1_000_000)), "cdc76e5c9914fb9281a1c7e284d73e67f1809a48a497200e046d39ccc7112cd0");
    }
}
