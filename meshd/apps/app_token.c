#include "app_token.h"
#include <stdint.h>

bool
app_token_is(const char token[static APP_TOKEN + 1], struct text_view said)
{
	uint8_t differs = 0;
	if (said.len != APP_TOKEN || token[0] == '\0')
		return false;
	for (size_t i = 0; i < APP_TOKEN; i++)
		differs |= (uint8_t)(said.ptr[i] ^ token[i]);
	return differs == 0;
}
