"""Use the model in LangChain: a chat model in 30 lines."""

from typing import Any

from langchain_core.callbacks import CallbackManagerForLLMRun
from langchain_core.language_models import BaseChatModel
from langchain_core.messages import AIMessage, BaseMessage
from langchain_core.outputs import ChatGeneration, ChatResult
from langchain_core.prompts import ChatPromptTemplate

import xai

ROLES = {"human": "user", "ai": "assistant", "system": "system"}
client = xai.v1.Client()


class ChatGrok(BaseChatModel):
    """The chat model of xAI."""

    model: str = "grok-4"

    @property
    def _llm_type(self) -> str:
        return "xai"

    def _generate(
        self,
        messages: list[BaseMessage],
        stop: list[str] | None = None,
        run_manager: CallbackManagerForLLMRun | None = None,
        **kwargs: Any,
    ) -> ChatResult:
        said = [{"role": ROLES[one.type], "content": one.text} for one in messages]
        response = client.chat.create(self.model, messages=said, stop=stop).sample()
        message = AIMessage(response.content, response_metadata={"id": response.id})
        return ChatResult(generations=[ChatGeneration(message=message)])


prompt = ChatPromptTemplate.from_messages([("system", "Be brief."), ("human", "{question}")])
chain = prompt | ChatGrok()
print(chain.invoke({"question": "What is the sea like?"}).text)
client.close()
