"""Email domains on which anyone can get an address, so that none can be the integration-test domain."""

# The list cannot be complete. It prevents slips, not intent.
_FREE_PROVIDERS = """
    126.com 163.com aim.com aol.com duck.com email.com fastmail.com fastmail.fm free.fr gmail.com gmx.at
    gmx.ch gmx.com gmx.de gmx.net googlemail.com hey.com hotmail.co.uk hotmail.com hotmail.de hotmail.es
    hotmail.fr hotmail.it hushmail.com icloud.com inbox.com inbox.ru laposte.net libero.it list.ru
    live.co.uk live.com live.fr live.nl mac.com mail.com mail.ru me.com msn.com naver.com outlook.com
    outlook.de outlook.es outlook.fr pm.me posteo.de proton.me protonmail.ch protonmail.com qq.com
    rediffmail.com rocketmail.com seznam.cz sina.com startmail.com t-online.de tuta.com tuta.io
    tutamail.com tutanota.com tutanota.de virgilio.it wanadoo.fr web.de wp.pl yahoo.ca yahoo.co.in
    yahoo.co.jp yahoo.co.uk yahoo.com yahoo.com.au yahoo.com.br yahoo.com.mx yahoo.de yahoo.es yahoo.fr
    yahoo.it yandex.com yandex.ru yeah.net ymail.com zoho.com zohomail.com
"""
_INTERNET_PROVIDERS = """
    att.net bellsouth.net bigpond.com btinternet.com charter.net comcast.net cox.net earthlink.net
    frontier.com juno.com optonline.net orange.fr rogers.com sbcglobal.net sfr.fr shaw.ca sky.com
    verizon.net virginmedia.com windstream.net
"""
_THROW_AWAY = """
    10minutemail.com dispostable.com fakeinbox.com getnada.com guerrillamail.com guerrillamail.net
    guerrillamail.org maildrop.cc mailinator.com mailnesia.com mailsac.com mintemail.com mohmal.com
    moakt.com sharklasers.com spamgourmet.com temp-mail.org tempmail.com throwawaymail.com trashmail.com
    yopmail.com
"""
PUBLIC_MAIL_DOMAINS = frozenset((_FREE_PROVIDERS + _INTERNET_PROVIDERS + _THROW_AWAY).split())


def is_public_mail_domain(domain: str) -> bool:
    """Whether anyone can get an address on this domain (in lower case).

    A subdomain of a public one counts too: some providers, such as fastmail.com, sell them to customers.
    """
    labels = domain.split(".")
    return any(".".join(labels[start:]) in PUBLIC_MAIL_DOMAINS for start in range(len(labels)))
