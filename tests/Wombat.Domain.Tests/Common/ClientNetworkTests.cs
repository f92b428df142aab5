using System.Net;
using Wombat.Domain.Common;

namespace Wombat.Domain.Tests.Common;

public sealed class ClientNetworkTests
{
    [TestCase("203.0.113.7", "203.0.113.7")]
    [TestCase("::ffff:203.0.113.7", "203.0.113.7")]
    [TestCase("2001:db8:1:2:3:4:5:6", "2001:db8:1:2::/64")]
    [TestCase("2001:db8:1:2::ffff", "2001:db8:1:2::/64")]
    [TestCase("no address", "no address")]
    [TestCase(null, "")]
    public void Of_AnAddress_IsItsNetwork(string? address, string network) => Assert.That(ClientNetwork.Of(address), Is.EqualTo(network));

    [Test]
    public void WithoutMapping_OfAMappedAddress_IsTheIPv4Address() =>
        Assert.That(ClientNetwork.WithoutMapping(IPAddress.Parse("::ffff:10.0.0.1")), Is.EqualTo(IPAddress.Parse("10.0.0.1")));
}
