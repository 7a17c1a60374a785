# tests of radio
