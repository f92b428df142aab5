using Wombat.Domain.Common;

namespace Wombat.Domain.Tests.Common;

public sealed class ExternalTextTests
{
    [TestCase("plain, with ü and 🐻", "plain, with ü and 🐻")]
    [TestCase("two\r\nlines\tand a tab", "two\nlines\tand a tab")]
    [TestCase("\u001b[1;31mred\u001b[0m", "red")]
    [TestCase("nul\0bell\a", "nul\ufffdbell\ufffd")]
    [TestCase("", "")]
    public void Clean_OfAnyText_KeepsWhatCanBeStoredAndShown(string said, string kept) =>
        Assert.That(ExternalText.Clean(said), Is.EqualTo(kept));

    [Test]
    public void Clean_OfALoneSurrogate_ReplacesIt() => Assert.That(ExternalText.Clean("a" + (char)0xd800 + "b"), Is.EqualTo("a\ufffdb"));

    [Test]
    public void Clean_OfALongText_KeepsItsEnd()
    {
        var said = string.Concat(Enumerable.Repeat("🐻", ExternalText.Max)) + "!";
        var kept = ExternalText.Clean(said);
        Assert.That(kept, Has.Length.EqualTo(ExternalText.Max - 1));
        Assert.That(kept, Does.StartWith("🐻").And.EndWith("🐻!"));
    }
}
