using Wombat.Application.Common;

namespace Wombat.Application.Tests.Common;

public sealed class FieldNamesTests
{
    [TestCase("Details.Tags[0]", "tags[0]")]
    [TestCase("Page.Limit", "limit")]
    [TestCase("UnixName", "unix_name")]
    [TestCase("SshKeys[3]", "ssh_keys[3]")]
    public void OfPath_ForAProperty_IsItsJsonName(string path, string field) => Assert.That(FieldNames.OfPath(path), Is.EqualTo(field));
}
