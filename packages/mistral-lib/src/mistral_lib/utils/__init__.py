# SPDX-FileCopyrightText: The Mistral SDK authors
# SPDX-License-Identifier: Apache-2.0
"""Small functions that the server and plug-ins share: a face, the work is done behind it."""

from mistral_lib.utils._dicts import (
    NotDefined,
    get_dict_from_entries,
    get_dict_from_string,
    merge_dicts,
    update_dict,
)
from mistral_lib.utils._files import get_file_list
from mistral_lib.utils._ids import (
    generate_string,
    generate_unicode_uuid,
    get_process_identifier,
    is_valid_uuid,
)
from mistral_lib.utils._json import from_json_str, to_json_str
from mistral_lib.utils._log import log_exec
from mistral_lib.utils._masking import mask_data
from mistral_lib.utils._text import (
    cut,
    cut_by_char,
    cut_by_kb,
    cut_dict,
    cut_list,
    cut_string,
    get_number_of_chars_from_kilobytes,
)
from mistral_lib.utils._threads import (
    get_thread_local,
    has_thread_local,
    set_thread_local,
)
from mistral_lib.utils._time import (
    datetime_to_str,
    datetime_to_str_in_dict,
    drop_microseconds,
    random_sleep,
    retry_after,
    utc_now_sec,
)
from mistral_lib.utils.inspect_utils import iter_subclasses

__all__ = [
    "NotDefined",
    "cut",
    "cut_by_char",
    "cut_by_kb",
    "cut_dict",
    "cut_list",
    "cut_string",
    "datetime_to_str",
    "datetime_to_str_in_dict",
    "drop_microseconds",
    "from_json_str",
    "generate_string",
    "generate_unicode_uuid",
    "get_dict_from_entries",
    "get_dict_from_string",
    "get_file_list",
    "get_number_of_chars_from_kilobytes",
    "get_process_identifier",
    "get_thread_local",
    "has_thread_local",
    "is_valid_uuid",
    "iter_subclasses",
    "log_exec",
    "mask_data",
    "merge_dicts",
    "random_sleep",
    "retry_after",
    "set_thread_local",
    "to_json_str",
    "update_dict",
    "utc_now_sec",
]
