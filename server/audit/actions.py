"""Every action that may stand in the trail, with what it means. What is not declared here can't be appended.

An action that is no longer appended stays: the trail still holds it. `docs/audit.md` shows this table.
"""

from collections.abc import Mapping
from types import MappingProxyType
from typing import Final

ACTIONS: Final[Mapping[str, str]] = MappingProxyType(
    {
        "accounts:absent:created": "An account that nobody can enter was made, for an author of imported texts.",
        "accounts:account:created": "Somebody registered, or the operator made an account.",
        "accounts:account:refused": "A registration was refused: the address has an account.",
        "accounts:address:asked": "A change of the e-mail address was asked for.",
        "accounts:address:changed": "The e-mail address was changed.",
        "accounts:address:verified": "An e-mail address was confirmed.",
        "accounts:name:changed": "The name of an account was changed by its holder.",
        "accounts:password:changed": "The password was changed.",
        "accounts:reset:asked": "A link to set a new password was asked for.",
        "accounts:session:closed": "Somebody signed out.",
        "accounts:session:opened": "Somebody signed in.",
        "accounts:session:revoked": "Sessions were ended by the person, or because the password was changed.",
        "accounts:sign_in:held": "A right password was not let in: its network had failed too often.",
        "accounts:sign_in:refused": "A sign-in was refused; the account is named where the address had one.",
        "accounts:sign_in:unfinished": "A right password came without the code that is needed too.",
        "accounts:staff:disabled": "Somebody of staff was kept out.",
        "accounts:staff:enabled": "Somebody of staff was let in again.",
        "accounts:staff:role_changed": "Somebody of staff got another role.",
        "accounts:visitor:created": "An anonymous visitor came.",
        "attachments:image:removed": "An image that no text showed was removed.",
        "attachments:image:stored": "Somebody attached an image.",
        "audit:hold:released": "A legal hold ended.",
        "audit:hold:set": "A legal hold began: from here on nothing is cut from the trail.",
        "audit:trail:cut": "The oldest blocks were removed under the retention rule.",
        "chat:conversation:assigned": "A conversation was given to an agent.",
        "chat:conversation:brought_in": "An agent was brought into a conversation.",
        "chat:conversation:closed": "A conversation was marked as done.",
        "chat:conversation:let_go": "An agent who had been brought in was let go, or left.",
        "chat:conversation:opened": "A customer began a conversation.",
        "chat:conversation:released": "A conversation was given back to the queue.",
        "chat:conversation:reopened": "A conversation was marked as not done after all.",
        "chat:message:corrected": "A stored message was redacted again: something in it should have been hidden.",
        "chat:message:posted": "A message was stored.",
        "chat:message:repeated": "A message that was stored before came again under the sender's same id.",
        "chat:subject:corrected": "A stored subject was redacted again: something in it should have been hidden.",
        "factors:account:reset": "An administrator or the operator took away all second factors of an account.",
        "factors:passkey:added": "A passkey was added.",
        "factors:passkey:removed": "A passkey was removed.",
        "factors:passkey:suspected": "A passkey was refused: its counter stands still, so it may have been copied.",
        "factors:recovery:renewed": "New recovery codes were made; the former ones are void.",
        "factors:recovery:used": "A recovery code was used.",
        "factors:session:confirmed": "Somebody confirmed in a session that it is still them.",
        "factors:session:refused": "A confirmation was refused.",
        "factors:sign_in:refused": "A sign-in by passkey was refused.",
        "factors:totp:added": "An authenticator app was set up.",
        "factors:totp:removed": "An authenticator app and its recovery codes were removed.",
        "federation:link:made": "An account was linked to somebody at the identity provider.",
        "federation:sign_in:refused": "A sign-in at the identity provider was refused.",
        "forum:category:changed": "A category of the forum was changed.",
        "forum:category:created": "A category of the forum was made.",
        "forum:poll:closed": "A poll was closed before its time.",
        "forum:poll:voted": "Somebody voted in a poll, or changed their vote.",
        "forum:post:created": "A post was stored.",
        "forum:post:decided": "Moderators published a post that was held or hidden, or rejected it.",
        "forum:post:edited": "A post's text was changed.",
        "forum:post:hidden": "A moderator hid a post.",
        "forum:post:imported": "A post was taken in from another forum.",
        "forum:post:mended": "A post whose consequences a crash left undone was stored with this text.",
        "forum:post:moved": "A post was stored in another topic, to which it was moved.",
        "forum:post:opened": "A post was made a wiki, or no longer.",
        "forum:post:withdrawn": "An author took a post back.",
        "forum:reaction:given": "Somebody reacted to a post.",
        "forum:reaction:withdrawn": "Somebody took a reaction back.",
        "forum:topic:accepted": "A post was said to solve its topic, or no longer.",
        "forum:topic:created": "A topic was stored with its first post.",
        "forum:topic:curated": "A topic was pinned, locked, archived or moved, or no longer.",
        "forum:topic:edited": "A topic's title or tags were changed.",
        "forum:topic:imported": "Posts of a topic were taken in from another forum.",
        "forum:topic:mended": "What a crash left half done in a topic was brought to its end.",
        "forum:topic:merged": "A topic was merged into another.",
        "forum:topic:published": "A scheduled topic appeared.",
        "forum:topic:split": "Posts were moved out of a topic into a new one.",
        "insight:budget:spent": "Tables were told, and paid for out of the privacy budget; by whom and for how many.",
        "insight:report:made": "Somebody of staff made a report that may be shared.",
        "insight:report:withdrawn": "The link of a report was made void.",
        "people:handle:changed": "Somebody took another handle in the forum.",
        "people:level:changed": "A trust level in the forum was worked out anew and is another one.",
        "people:profile:changed": "Somebody changed their profile in the forum.",
        "privacy:access:recorded": "Somebody of staff was shown something of a person's; the access log has the entry.",
        "privacy:break_glass:ended": "An opening by way of exception ended: by its time, its holder or an officer.",
        "privacy:break_glass:opened": "Somebody of staff opened a conversation by way of exception.",
        "privacy:break_glass:reviewed": "A privacy officer reviewed an opening by way of exception.",
        "privacy:consent:granted": "A person agreed to a use of their data.",
        "privacy:consent:withdrawn": "A person withdrew their agreement.",
        "review:appeal:made": "Somebody appealed a moderator's decision.",
        "review:appeal:ruled": "Another moderator ruled on an appeal.",
        "review:flag:made": "Somebody reported a text; the item is named where there is one.",
        "review:item:claimed": "A moderator took something to look at.",
        "review:item:decided": "A moderator decided about a text.",
        "review:item:opened": "A text came before the moderators.",
        "review:item:released": "A moderator gave something back undecided.",
        "review:item:reopened": "A decision was taken back: the text was changed while it was made.",
        "review:sanction:applied": "Somebody was warned, silenced or suspended.",
        "review:sanction:lifted": "A sanction ended because an appeal was won.",
        "review:text:hidden": "Reports alone hid a text until a moderator has looked.",
        "review:word:removed": "A watched word was taken off the list.",
        "review:word:set": "A watched word was put on the list, or another action was set for it.",
    }
)
"""`source:subject:action` -> one line of meaning. In the order of the alphabet."""


def require_declared(action: str) -> None:
    """Refuse an action that is not in the table.

    Raises:
        ValueError: it is not.
    """
    if action not in ACTIONS:
        raise ValueError("the action is not declared in server/audit/actions.py")
