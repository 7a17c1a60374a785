# tests of link
