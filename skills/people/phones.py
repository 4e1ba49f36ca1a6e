"""Telephone numbers: typed in many ways, stored in one (E.164), read as people in Vietnam write them."""

import phonenumbers

_LONGEST = 40  # nobody types a number longer than this; the parser need not see it


def parse_phone(text: str) -> str | None:
    """The number in E.164 ("+84905123456"), or None when it is none.

    Takes spaces, dots and dashes, and 0905…, 905…, 84905…, +84905… alike; a number of another country needs its +.
    A letter makes it none: as on the keys of old telephones, an O typed for a 0 would be read as a 6, and somebody else be meant.
    """
    if len(text) > _LONGEST or any(character.isalpha() for character in text):
        return None
    try:
        number = phonenumbers.parse(text, "VN")
    except phonenumbers.NumberParseException:
        return None
    if not phonenumbers.is_valid_number(number) or number.extension:
        return None
    return str(phonenumbers.format_number(number, phonenumbers.PhoneNumberFormat.E164))


def national(e164: str) -> str:
    """How people read it: "+84905123456" as "0905 123 456"; a foreign number with its country code."""
    number = phonenumbers.parse(e164, "VN")
    form = (
        phonenumbers.PhoneNumberFormat.NATIONAL
        if number.country_code == 84
        else phonenumbers.PhoneNumberFormat.INTERNATIONAL
    )
    return str(phonenumbers.format_number(number, form))
