"""Routes of conversations: what was said lately, per session."""

from dataclasses import asdict

from fastapi import APIRouter, HTTPException

from kimera.api.schemas import ConversationOut, MemoryStatsOut, MessageIn, SessionIdInPath
from kimera.core.interfaces import IConversationMemory, Interaction
from kimera.infrastructure.clock import Clock
from kimera_di.integrations.fastapi import Injected

router = APIRouter(prefix="/conversations", tags=["conversations"])


# Nothing here waits for anything, so that the handlers need no thread. `/stats` cannot be taken for a session: those
# are read below `/{session}/messages`.
@router.get("/stats")
async def stats(memory: Injected[IConversationMemory]) -> MemoryStatsOut:
    """Count sessions and interactions."""
    return MemoryStatsOut(**asdict(memory.stats()))


@router.post("/{session}/messages", status_code=201)
async def say(
    session: SessionIdInPath, body: MessageIn, memory: Injected[IConversationMemory], clock: Injected[Clock]
) -> ConversationOut:
    """Remember a message; give what is remembered of the conversation."""
    memory.add(session, Interaction(body.role, body.text, clock.now()))
    return ConversationOut.of(session, memory.history(session))


@router.get("/{session}/messages")
async def history(session: SessionIdInPath, memory: Injected[IConversationMemory]) -> ConversationOut:
    """Give what is remembered of a conversation; 404 when that is nothing."""
    said = memory.history(session)
    if not said:
        raise HTTPException(404, f"there is no conversation {session}")
    return ConversationOut.of(session, said)


@router.delete("/{session}", status_code=204)
async def forget(session: SessionIdInPath, memory: Injected[IConversationMemory]) -> None:
    """Forget a conversation; 404 when there is none."""
    if not memory.forget(session):
        raise HTTPException(404, f"there is no conversation {session}")
