//! Takes secrets out of what leaves the page. One detector a file.
