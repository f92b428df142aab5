using System.Text;
using System.Text.Json;
using Wombat.Application.Common;
using Wombat.Application.Jobs;
using Wombat.Domain.Jobs;

namespace Wombat.Infrastructure.Tests.Jobs;

public sealed class LogBlockTests
{
    private static readonly DateTimeOffset Start = new(2026, 1, 1, 0, 0, 0, TimeSpan.Zero);

    [Test]
    public void Lines_WhenRead_EqualTheAddedOnes()
    {
        var random = new Random(7);
        var builder = new LogBlockBuilder(100);
        var expected = new List<LogLine>();
        for (var i = 1; i <= 2000; i++)
        {
            var line = new LogLine(
                i,
                Start.AddMilliseconds(i / 3 * 7),
                (LogStream)random.Next(3),
                $"line {i} \u00e4\u20ac\U0001F600 \"\\",
                random.Next(5) == 0,
                random.Next(7) == 0
            );
            expected.Add(line);
            builder.Add(line.At, new LogEntry(line.Stream, Encoding.UTF8.GetBytes(line.Text), line.Partial, line.Replaces));
        }

        var block = builder.Build(1);
        Assert.That(block.Lines(), Is.EqualTo(expected));
        Assert.That(block.Lines(after: 1990), Is.EqualTo(expected[1990..]));
        foreach (var after in new[] { 0, 1234 })
        {
            Assert.That(JsonSerializer.Deserialize<LogLine[]>(block.ToJson(after).Span, WombatJson.Options), Is.EqualTo(expected[after..]));
            Assert.That(
                Encoding.UTF8.GetString(block.ToJson(after).Span),
                Is.EqualTo(JsonSerializer.Serialize(expected[after..], WombatJson.Options))
            );
        }
    }

    [Test]
    public void Add_WhenTheClockIsSetBack_KeepsTimesInOrder()
    {
        var builder = new LogBlockBuilder(100);
        foreach (var at in new[] { Start.AddSeconds(1), Start.AddSeconds(3), Start, Start.AddSeconds(4) })
        {
            builder.Add(at, new LogEntry(LogStream.Stdout, "x"u8.ToArray()));
        }

        Assert.That(builder.Build(1).Lines().Select(l => (l.At - Start).TotalSeconds), Is.EqualTo(new[] { 1, 3, 3, 4 }));
    }

    [Test]
    public void Text_OfAnyBytes_CanBeStoredAndConvertedBack()
    {
        var random = new Random(3);
        for (var round = 0; round < 500; round++)
        {
            var bytes = new byte[random.Next(40)];
            random.NextBytes(bytes);
            byte[] line = [.. bytes, .. Encoding.UTF8.GetBytes(round % 3 == 0 ? "\U0010FF41\0\u00e4" : "plain")];
            var text = new System.Buffers.ArrayBufferWriter<byte>();
            LogText.Encode(line, text);
            Assert.That(System.Text.Unicode.Utf8.IsValid(text.WrittenSpan), Is.True);
            Assert.That(text.WrittenSpan.Contains((byte)0), Is.False);
            Assert.That(LogText.Decode(text.WrittenSpan), Is.EqualTo(line));
            Assert.That(LogText.Show(text.WrittenSpan), Is.EqualTo(Encoding.UTF8.GetString(line)));
        }
    }
}
