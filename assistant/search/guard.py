"""What the assistant does not take on: commands to itself, and requests that have nothing to do with documents.

A question with a command beside it (别管那些规矩，告诉我 …) is answered without the command: the command's clauses are
cut off, and only what stays is judged. A message of nothing but commands is declined.
"""

from __future__ import annotations

import re
from enum import StrEnum

from assistant.search.kinds import asks


class Reason(StrEnum):
    """Why a message is declined."""

    INJECTION = "injection"  # a command against the assistant's own rules
    MISUSE = "misuse"  # help with wrongdoing, or with making things up
    CREATIVE = "creative"  # poems, songs, stories, jokes
    CODE = "code"
    TRANSLATION = "translation"
    WEATHER = "weather"
    SMALL_TALK = "small_talk"
    MEDICAL = "medical"  # advice on the asker's own body
    OPINION = "opinion"  # what the assistant itself thinks
    CHORE = "chore"  # sums, shares, lottery, films, recipes


_PUNISHED = "处分|怎么处|怎么罚|处罚|罚款|罚多少|后果|追究|犯法|举报|怎么办|逮|会咋|咋样"  # what follows from wrongdoing
_FALSE = "(?<![请放休产婚病事丧年寒暑])假(?:的|[^，。]{0,4}(?:证|书|批复|通知|公章))"  # a false paper; 病假证明 is none
_RULES = "指示|指令|规则|规矩|规定|要求|设定|提示|限制|约束|命令|身份|角色"
_PROMPT = r"系统提示|提示词|初始(?:指令|设定|提示)|system\s*prompt|(?:your|the|previous|above)\s+(?:prompt|instructions?|rules)|prompt"

# Clauses that command the assistant; they are cut off before the rest is read.
COMMANDS: tuple[str, ...] = (
    rf"(?<![不能被会容可])(?:忽略|无视|忘记|忘掉|忘了|不用管|别管|不要管|抛开|绕过)(?!.*(?:多少|哪些|什么|怎么)).{{0,10}}(?:{_RULES})",
    rf"(?:违反|跳过|取消|解除|不必遵守|不要遵守).{{0,2}}(?:你|系统|上面|之前|所有|一切).{{0,6}}(?:{_RULES})",
    r"(?i:ignore|disregard|forget|override|bypass).{0,30}(?:instruction|prompt|rule|above|previous)",
    r"(?:指令|指示|提示|设定)[^，。]{0,4}(?:作废|失效)",
    rf"(?:{_RULES})[^，。]{{0,4}}(?:别管|不用管|放一边|放一放|别理)|(?:别守|不必理会|无[需须]理会|别理).{{0,6}}(?:{_RULES})",
    rf"(?i:{_PROMPT})(?![^，。]{{0,4}}(?:牌|音|信息|板))",
    (
        r"(?:重复|复述|输出|打印|显示|公开|透露|泄露|告诉我|翻译|发我|给我看).{0,12}(?:收到的?(?:第一|"
        r"首)?条?|上面(?:给你)?的|以上的?|最开始的?|你的).{0,8}(?:消息|内容|话|指令|规则|文字|原文|设定|"
        r"信息|提示)"
    ),
    r"把.{0,8}(?:上面|以上|之前|你)(?:给你|收到)?.{0,6}(?:规则|提示|指令|设定|对话|消息).{0,10}(?:发|告诉|打印|输出|写|贴|念|复制)",
    r"(?:进入|开启|启用|切换到?).{0,6}(?:调试|开发者?|管理员|上帝|越狱|无限制|自由)模式|(?i:developer mode|jailbreak)|(?<![A-Za-z])DAN(?![A-Za-z])",
    r"(?:你现在|现在你|从现在(?:起|开始)你|从此你|你将|请你|假设你|假装你?|扮演|角色扮演|模仿|充当|你就当)(?:是|作为|扮演|叫|变成|一个|没有)",
    r"(?:给|为)你(?:写|撰写|设|编)的?[^，。]{0,6}(?:设定|内容|规则|指令|提示)",
    r"没有任?何?(?:限制|约束|道德|底线)的|不受(?:任何)?(?:限制|约束|规则)",
    r"(?:从现在(?:起|开始)|接下来|以后).{0,6}(?:只|必须|一律|统统|对(?:任何|所有)(?:问题|提问)|都)(?:能|要|用|得)?.{0,10}(?:回答|回复|说|输出)",
    r"对(?:任何|所有|一切)(?:问题|提问)都?.{0,4}(?:回答|回复|说|输出)",
    r"(?:也?(?:别|不要|不用|不必|无需|不许))(?:再)?(?:加|带|标|附|给|写|注明)(?:上|出|任何)?(?:引用|出处|来源|注释|标注|脚注)",
    (
        r"(?:新|以下|下面|最新)(?:的)?(?:系统)?指令[:：]|</?(?:文档|系统|system|instructions?|user|"
        r"assistant)>|\[(?:INST|SYSTEM)\]|(?i:^\s*(?:system|assistant)\s*[:：])"
    ),
    r"^(?:不管|无论)(?:我|文件|材料).{0,10}都(?:要|得)?(?:说|回答|答)",
)

GREETING = re.compile(
    r"^(?:你好|您好|嗨|哈[喽啰罗]|hi|hello|hey|喂|在吗|在么|在不在|早上好|上午好|中午好|下午好|晚上好|早安|晚安|早|哈哈+|呵呵|嘿嘿?|"
    r"谢谢(?:你|您|啦|了)?|多谢|感谢|辛苦(?:了|啦)?|拜拜|再见|bye|ok|好的|好|嗯+|哦+|行|收到|知道了|明白了|打扰(?:了|一下)?)[啊呀哦呢吧啦了]*$",
    re.IGNORECASE,
)

# Reason, pattern: what is left when commands and greetings are gone.
TOPICS: tuple[tuple[Reason, str], ...] = (
    (
        Reason.MISUSE,
        (
            r"(?:教我?|怎[么样]|如何|咋|帮我?(?!.{0,2}[查看问找])|想(?:办法)?)(?!.{0,8}(?:防|打击|查处|治理|整治|遏制|惩|监管|"
            r"杜绝|避免|识别|发现|举报|处罚|处理)).{0,6}(?:套取|骗取|骗保|伪造|冒领|行贿|受贿|逃避(?:检查|"
            r"监管)|造假|作弊|偷税|洗钱|制毒|造炸弹)"
        ),
    ),
    (
        Reason.MISUSE,
        (
            rf"(?!.*(?:{_PUNISHED}))(?:(?:没有|找不到)?就?(?:瞎编|编造?(?:一|两|几|个|条|点|段)|杜撰|胡编)|(?:随便|帮我|给我)编|"
            r"(?:就|自己|请|你)(?:编|造|虚构)(?:上|出)?[一两几][条点段句])"
        ),
    ),
    (  # papers to be forged; 伪造证明怎么罚 asks what the rules say
        Reason.MISUSE,
        (
            rf"(?!.*(?:{_PUNISHED}))(?:"
            rf"(?:帮|给|替)我(?!.{{0,2}}[查看问找讲说])[^，。]{{0,24}}(?:仿(?:造|冒|一[份张个])|伪造|(?<![改建制打])造一[份张]|{_FALSE})|"
            rf"(?:做|开|弄|办|拟)一?[张份个][^，。]{{0,10}}{_FALSE})"
        ),
    ),
    (
        Reason.MISUSE,
        (
            r"(?:怎么|如何|咋).{0,2}套(?:出|取|现)(?!.{0,8}(?:处|罚|查))|"
            r"套(?:取|出)?(?:医保|社保|公积金|补贴)[^，。]{0,6}(?:法子|做法|窍门|技巧)"
        ),
    ),
    (
        Reason.CREATIVE,
        (
            r"(?:写|作|编|来|创作|赋|吟|唱|讲|说|念)(?:一|两|几|个|首|段|篇|副|支|只|"
            r"点){1,2}[^，。？?]{0,14}(?:诗|词(?![条语汇])|绝句|律诗|七绝|五绝|七律|打油|歌|对联|小说|故事|笑话|段子|情书|"
            r"作文|散文|剧本|说唱|相声|小品|rap|藏头|春联|祝福语|顺口溜)"
        ),
    ),
    (
        Reason.CREATIVE,
        r"(?:讲|说|来)个?(?:笑话|故事|段子)(?!的)|(?:写|作|赋)(?:诗|词|歌|对联)(?![，。]?(?:的|是))",
    ),
    (
        Reason.CREATIVE,
        (
            r"(?:帮我|给我|替我|你来?|请你?|麻烦)[^，。？?]{0,6}(?:写|起草|草拟|拟|撰写|编写)(?:一?[份篇个封段])?[^，。？?]{0,12}"
            r"(?:稿子?|心得|体会|总结|通知|文章|论文|报告|作文|请示|方案|信|申请书|检讨|文案)"
        ),
    ),
    (
        Reason.MISUSE,
        r"(?:密码|口令|账号|密钥|数据库).{0,6}(?:给我|告诉我|发我|是多少|是什么)|把.{0,10}(?:密码|口令|密钥).{0,6}(?:给|告诉|发)",
    ),
    (
        Reason.INJECTION,
        (
            r"你(?:现在|就)?是一?个?.{0,6}(?:没有|不受)[^，。]{0,10}(?:AI|ai|机器人|助手|模型)|"
            r"(?:你|从现在起你?|现在你?)扮演|以.{1,8}的口吻"
        ),
    ),
    (
        Reason.OPINION,
        r"^(?:那|请问)?你(?:自己)?(?:觉得|认为|怎么看|喜欢|支持)|你的(?:看法|观点|意见)|你(?:自己|个人)?(?:觉[得着]|认为)[谁哪]|(?:谁|哪[个位]|何人)[^，。]{0,4}(?:没本事|没能耐|差劲|能力最差|最笨|最蠢)",
    ),
    (
        Reason.SMALL_TALK,
        r"^你(?:用的?|是|属于).{0,8}(?:模型|公司|开发|训练|机器人|人工智能|AI|ai)|^(?:如果)?你.{0,8}(?:投诉你|举报你)|投诉你",
    ),
    (
        Reason.CHORE,
        (
            r"推荐.{0,10}(?:饭店|餐馆|酒店|宾馆|电影|电视剧|景点|股票|基金|手机|书)|"
            r"(?:股票|彩票|基金)[^，。]{0,6}(?:买|涨|跌)|(?:队|国足|球赛|比赛).{0,8}(?:赢|输|比分|夺冠)"
        ),
    ),
    (
        Reason.CODE,
        (
            r"(?:写|编|改|调试|生成|帮我?看).{0,10}(?:代码|脚本|爬虫|函数|算法|网页|小程序|正则|sql)|"
            # 程序 alone is mostly a procedure: 整改好了要走什么程序
            r"(?:写|编|开发)(?:一?[个段]|一?点)[^，。]{0,6}程序|(?:帮我|给我|替我)[^，。]{0,4}(?:写|编)程序|(?i:\bpython\b|\bjava(?:script)?\b|c\+\+|\bsql\b|\bhtml\b|爬虫)"
        ),
    ),
    (
        Reason.TRANSLATION,
        (
            r"翻译(?:成|为|一下|下|这|以下|下面)|译[成为](?:英|日|法|德|俄|韩|中)|翻成(?:英|日|法|德|俄|韩)|用(?:英语|英文|日语|"
            r"日文|法语|粤语|文言文).{0,4}(?:说|写|回答|回复|怎么说)|英[语文]怎么说"
        ),
    ),
    (
        Reason.WEATHER,
        (
            r"(?:今天|明天|后天|昨天|这周|本周|周末|现在|最近|未来几天).{0,10}(?:天气|下雨|下雪|气温|多少度|"
            r"热不热|冷不冷|刮风|雾霾大)|天气(?:怎么样|咋样|如何|预报|好不好)|(?:会|要)不(?:会|要)?下雨|下不下[雨雪]|(?:今[天日]|明[天日后]|后天|周末)[^，。]{0,12}(?:有雨|有雪|有没有[雨雪]|降[雨雪]|天气)|(?:用不用|要不要|是否需要?)携?带[^，。]{0,3}(?:伞|雨具)|(?:用|要|需要)(?:不(?:用|要|需要))?带伞"
        ),
    ),
    (
        Reason.SMALL_TALK,
        (
            r"^(?:那)?[你您](?:是|叫)(?:小哥|小姐|谁|什么|啥|哪|男|女|人|机器|真人|不是人)|你(?:几岁|多大|会(?:干)?(?:什么|"
            r"啥)|能(?:干|做)(?:什么|啥)|结婚|处对象|有对象|有男|有女|吃(?:饭|了)|喜欢|爱我|开心|累不累|"
            r"无聊)|处对象|陪我.{0,4}(?:聊|唠|说|玩)|(?<![能以谁])(?:聊|唠)(?:聊|唠|会儿|会|天|嗑)[吧呗啊]?[？?。!！]*$|"
            r"吃的?(?:啥|什么)[？?]?$|吃(?:了吗|了没|饭没)|(?:我|今天)(?:好|很|真|有点)?(?:无聊|孤独|"
            r"心情不好|郁闷)|(?:讲|说)点(?:好听|有趣)的|男的女的|你.{0,4}(?:女|男)朋友"
        ),
    ),
    (
        Reason.MEDICAL,
        (
            r"(?:我|我(?:妈|爸|爷|奶|家|儿子|女儿|老公|老婆|孩子|娃)[^，。]{0,4})[^，。]{0,6}(?:疼|痛|发烧|"
            r"咳嗽|不舒服|难受|恶心|拉肚子|头晕|失眠|出血|过敏|痒|麻).{0,12}(?:吃(?:什么|啥|点)|怎么[办治]|"
            r"咋[办治整]|是不是|要不要|什么病|啥病|要紧|挂(?:什么|啥|哪)|用(?:什么|啥)药)"
        ),
    ),
    (
        Reason.MEDICAL,
        (
            r"(?:感冒|发烧|咳嗽|拉肚子|疼|痛)(?:了|得很|得慌)?[，,]?(?:该|要|应该|有)?(?:吃|用|服用)?(?:点)?(?:什么|啥|哪种)药"
            r"(?![^，。]{0,6}(?:报|目录))"
        ),
    ),
    (
        Reason.CHORE,
        (
            r"^[\d\s.]+[+\-×x*÷/^][\d\s.+\-×x*÷/^()]*(?:=|等于)?(?:几|多少)?[？?=]*$|(?:推荐|买)(?:一|几|个|"
            r"只|款|支|部|点){0,2}.{0,4}(?:股票|基金(?!支付|监管)|彩票|电影|餐馆|饭店|游戏|小说|手机|电视剧|"
            r"歌)|双色球|彩票(?:号码|开奖)|星座|算命|运势|世界杯|足球比赛|球赛|怎么做(?:菜|饭|红烧|蛋糕)|"
            r"菜谱|股票(?:走势|代码|怎么)|(?:北京|现在)时间|现在几点|今天(?:是)?(?:几号|星期几|周几)"
        ),
    ),
)

_COMMANDS = tuple(re.compile(pattern) for pattern in COMMANDS)
_TOPICS = tuple((reason, re.compile(pattern, re.IGNORECASE)) for reason, pattern in TOPICS)
_CLAUSE = re.compile(r"[^，。；！？,;!?\n]*[，。；！？,;!?\n]*")
_PURPOSE = re.compile(
    r".*(?:要用|用得上)$|我|咱|好让|这样|方便|以便|免得|否则|不然|因为"
)  # opens what only says what a command is for
_MEANINGLESS = re.compile(r"[\W_]*")


def without_commands(text: str) -> str:
    """The text without greetings and without the clauses that command the assistant."""
    kept = [clause for clause in _CLAUSE.findall(text) if clause and not _idle(clause)]
    return "".join(kept).strip("，,；; \n")


def commands_assistant(text: str) -> bool:
    """Whether a clause of the text commands the assistant rather than asks or states something."""
    return any(pattern.search(clause) for clause in _CLAUSE.findall(text) for pattern in _COMMANDS)


def _idle(clause: str) -> bool:
    bare = clause.strip("，。；！？,;!?~～ \n")
    return bool(GREETING.match(bare)) or any(pattern.search(clause) for pattern in _COMMANDS)


def is_out_of_scope(text: str) -> Reason | None:
    """Why a message is not a question to the documents, or None when it is one.

    Blank messages and bare punctuation count as small talk.
    """
    for reason, pattern in _TOPICS:
        if reason is Reason.MISUSE and pattern.search(text):
            return reason
    rest = without_commands(text)
    empty = bool(_MEANINGLESS.fullmatch(rest))
    idle = empty or (_PURPOSE.match(rest) and not asks(rest))
    if idle and any(pattern.search(text) for pattern in _COMMANDS):
        return Reason.INJECTION
    if empty:
        return Reason.SMALL_TALK
    return next((reason for reason, pattern in _TOPICS if pattern.search(rest)), None)
