# cmake -D WEB=FOLDER -D OUT=FILE.c -P embed.cmake
# The page, one file without a build step -> one C file: its bytes, the table of assets.h, and
# a policy that allows exactly the script and the style that stand in it, by their hashes.
set(digits "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/")

function(base64_of_hex hex out)
  set(text "")
  string(APPEND hex "0000") # 32 bytes and one of padding: eleven groups of three
  foreach(group RANGE 10)
    math(EXPR at "${group} * 6")
    string(SUBSTRING ${hex} ${at} 6 part)
    math(EXPR bits "0x${part}")
    foreach(shift 18 12 6 0)
      math(EXPR digit "(${bits} >> ${shift}) & 63")
      string(SUBSTRING ${digits} ${digit} 1 letter)
      string(APPEND text ${letter})
    endforeach()
  endforeach()
  string(SUBSTRING ${text} 0 43 text)
  set(${out} "${text}=" PARENT_SCOPE)
endfunction()

# 'sha256-...' of what stands between <tag> and </tag>.
function(hash_of_element page tag out)
  string(FIND "${page}" "<${tag}>" from)
  string(FIND "${page}" "</${tag}>" to)
  string(LENGTH "<${tag}>" skip)
  math(EXPR from "${from} + ${skip}")
  math(EXPR length "${to} - ${from}")
  if(length LESS 1)
    message(FATAL_ERROR "the page has no <${tag}>")
  endif()
  string(SUBSTRING "${page}" ${from} ${length} inside)
  string(SHA256 hash "${inside}")
  base64_of_hex(${hash} code)
  set(${out} "'sha256-${code}'" PARENT_SCOPE)
endfunction()

file(READ ${WEB}/index.html page)
hash_of_element("${page}" script script)
hash_of_element("${page}" style style)
file(READ ${WEB}/index.html hex HEX)
string(REGEX REPLACE "(..)" "0x\\1," bytes "${hex}")
string(REGEX REPLACE "(0x..,0x..,0x..,0x..,0x..,0x..,0x..,0x..,0x..,0x..,0x..,0x..,)" "\\1\n" bytes "${bytes}")
file(SHA256 ${WEB}/index.html hash)
string(SUBSTRING ${hash} 0 16 hash)
file(WRITE ${OUT} "/* Made by embed.cmake from meshd/web/; do not edit. */
#include \"assets.h\"

static const uint8_t page[] = {
${bytes} };
const struct asset asset_table[] = {
	{ \"/\", \"text/html; charset=utf-8\", \"\\\"${hash}\\\"\", page, sizeof page },
};
const size_t asset_count = LENGTH(asset_table);
const char asset_policy[] = \"default-src 'none'; script-src ${script}; \"
    \"style-src ${style}; connect-src 'self'; img-src 'self' data:; base-uri 'none'; \"
    \"form-action 'none'; frame-ancestors 'none'\";
")
