using Wombat.Application.Common;
using Wombat.Domain.Common;

namespace Wombat.Application.Tests.Common;

public sealed class CursorTests
{
    [Test]
    public void Decode_OfAnEncodedCursor_IsEqual()
    {
        var cursor = new Cursor("-name", "Ünï \"code\"", Guid.NewGuid());
        Assert.That(Cursor.Decode(cursor.Encode(), "-name"), Is.EqualTo(cursor));
    }

    [TestCase("")]
    [TestCase("x")]
    [TestCase("!!!")]
    [TestCase("bnVsbA")]
    public void Decode_WhenTextIsMalformed_NamesTheField(string text) =>
        Assert.That(() => Cursor.Decode(text, "name"), Throws.TypeOf<InvalidInputException>().With.Property("Errors").ContainKey("cursor"));

    [Test]
    public void Decode_WhenSortDiffers_Throws() =>
        Assert.That(() => Cursor.Decode(new Cursor("name", "a", Guid.NewGuid()).Encode(), "-name"), Throws.TypeOf<InvalidInputException>());
}
