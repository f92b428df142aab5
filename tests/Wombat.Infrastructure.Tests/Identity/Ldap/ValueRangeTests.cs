using Wombat.Infrastructure.Identity.Ldap;

namespace Wombat.Infrastructure.Tests.Identity.Ldap;

public sealed class ValueRangeTests
{
    [TestCase("member;range=0-1499", 1500)]
    [TestCase("Member;Range=1500-2999", 3000)]
    [TestCase("member;range=3000-*", null)]
    public void Of_APart_ReturnsWhereTheNextBegins(string name, int? next) =>
        Assert.That(ValueRange.Of(["cn", "member", name], "member"), Is.EqualTo(new ValueRange(name, next)));

    [TestCase("member")]
    [TestCase("memberOf;range=0-1499")]
    public void Of_AnythingElse_IsNull(string name) => Assert.That(ValueRange.Of(["cn", name], "member"), Is.Null);
}
