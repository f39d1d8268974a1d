//! `*` and `?` as `StringLike` and `Action` read them (IAM User Guide, "IAM JSON policy elements: Condition operators",
//! string condition operators: a multi-character and a single-character wildcard).

/// Whether `text` matches `pattern`. Case counts. The time is at most the product of the lengths, for any pattern: only the
/// last `*` is ever tried again, as whatever an earlier one could take, the last one can take too.
pub fn matches(pattern: &str, text: &str) -> bool {
    let mut pattern_left = pattern.chars();
    let mut text_left = text.chars();
    let mut retry: Option<(std::str::Chars<'_>, std::str::Chars<'_>)> = None;
    loop {
        let pattern_here = pattern_left.clone().next();
        let text_here = text_left.clone().next();
        match (pattern_here, text_here) {
            (None, None) => return true,
            (Some('*'), _) => {
                pattern_left.next();
                retry = Some((pattern_left.clone(), text_left.clone()));
                continue;
            }
            (Some(wanted), Some(found)) if wanted == '?' || wanted == found => {
                pattern_left.next();
                text_left.next();
                continue;
            }
            _ => {}
        }
        let Some((after_star, from)) = &mut retry else {
            return false;
        };
        if from.next().is_none() {
            return false;
        }
        pattern_left = after_star.clone();
        text_left = from.clone();
    }
}

#[cfg(test)]
mod tests {
    use super::matches;

    /// The definition itself, in exponential time.
    fn naive(pattern: &[char], text: &[char]) -> bool {
        match pattern.split_first() {
            None => text.is_empty(),
            Some(('*', rest)) => (0..=text.len()).any(|taken| naive(rest, &text[taken..])),
            Some(('?', rest)) => !text.is_empty() && naive(rest, &text[1..]),
            Some((letter, rest)) => text.first() == Some(letter) && naive(rest, &text[1..]),
        }
    }

    fn words(letters: &[char], longest: usize) -> Vec<Vec<char>> {
        let mut all = vec![Vec::new()];
        let mut last = all.clone();
        for _ in 0..longest {
            last = last
                .iter()
                .flat_map(|word| {
                    letters.iter().map(|letter| {
                        let mut longer = word.clone();
                        longer.push(*letter);
                        longer
                    })
                })
                .collect();
            all.extend(last.clone());
        }
        all
    }

    #[test]
    fn it_agrees_with_the_definition_on_every_short_pattern_and_text() {
        let texts = words(&['a', 'ü'], 5);
        for pattern in words(&['a', 'ü', '*', '?'], 5) {
            for text in &texts {
                let (p, t): (String, String) = (pattern.iter().collect(), text.iter().collect());
                assert_eq!(matches(&p, &t), naive(&pattern, text), "{p} against {t}");
            }
        }
    }

    #[test]
    fn many_stars_do_not_take_long() {
        let pattern = "*a".repeat(2_000) + "b";
        assert!(!matches(&pattern, &"a".repeat(20_000)));
    }

    #[test]
    fn subjects_of_service_accounts() {
        assert!(matches(
            "system:serviceaccount:shop:*",
            "system:serviceaccount:shop:uploader"
        ));
        assert!(!matches(
            "system:serviceaccount:shop:*",
            "system:serviceaccount:shops:uploader"
        ));
        assert!(!matches(
            "system:serviceaccount:Shop:*",
            "system:serviceaccount:shop:uploader"
        ));
    }
}
