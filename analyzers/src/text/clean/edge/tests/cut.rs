//! Lines that the edge cut.

use super::clean;

#[test]
fn lines_that_were_cut_are_named() {
    let watched = "Every 2.0s: kubectl get events    ip-10-0-1-5: Thu Nov 21 10\n\
                   LAST SEEN   TYPE      REASON         OBJECT      MESSAGE\n\
                   5m          Warning   FailedMount    pod/web-1   Unable to a\n";
    let cleaned = clean(watched.to_owned());
    assert_eq!(cleaned.text, watched);
    assert_eq!(cleaned.notes.len(), 1);
    assert_eq!(cleaned.notes[0].lines, (3, 3));
    let less = "NAME    MESSAGE                                  \n\
                web-0   the quick brown fox jumps over the lazy >\n\
                web-1   the quick brown fox jumps over the lazy d>\n\
                web-2   the quick brown fox jumps over the lazy e>\n";
    assert_eq!(clean(less.to_owned()).notes[0].lines, (3, 4));
    let none = "NAME                          EXTERNAL-IP   NODE\nweb-0                         10.0.0.1      <none>\nweb-1                         10.0.0.2      <none>\n";
    assert!(clean(none.to_owned()).notes.is_empty());
}
