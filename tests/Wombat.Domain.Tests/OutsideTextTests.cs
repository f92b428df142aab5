using Wombat.Domain.Common;

namespace Wombat.Domain.Tests;

public sealed class OutsideTextTests
{
    [TestCase("plain, with ü and 🐻", "plain, with ü and 🐻")]
    [TestCase("two\r\nlines\tand a tab", "two\nlines\tand a tab")]
    [TestCase("\u001b[1;31mred\u001b[0m", "red")]
    [TestCase("nul\0bell\a", "nul\ufffdbell\ufffd")]
    [TestCase("", "")]
    public void Clean_LeavesWhatCanBeStoredAndShown(string said, string kept) => Assert.That(OutsideText.Clean(said), Is.EqualTo(kept));

    [Test]
    public void Clean_OfHalfAPair_IsWholeUnicode() => Assert.That(OutsideText.Clean("a" + (char)0xd800 + "b"), Is.EqualTo("a\ufffdb"));

    [Test]
    public void Clean_OfALongText_KeepsItsEnd_AndNoHalfPair()
    {
        var said = string.Concat(Enumerable.Repeat("🐻", OutsideText.Max)) + "!";
        var kept = OutsideText.Clean(said);
        Assert.That(kept, Has.Length.EqualTo(OutsideText.Max - 1));
        Assert.That(kept, Does.StartWith("🐻").And.EndWith("🐻!"));
    }
}
