using System.Globalization;
using System.Text;
using Wombat.Domain.Plugins;
using Wombat.Infrastructure.Processes;

namespace Wombat.Infrastructure.Plugins.Proxmox;

/// <summary>What the client of a console types, as the frames that forge reads from its standard input.</summary>
internal sealed class ConsoleInputStream(IConsoleClient client) : InputStream
{
    private byte[] frame = [];
    private ReadOnlyMemory<byte> rest;

    public override async ValueTask<int> ReadAsync(Memory<byte> buffer, CancellationToken cancellationToken = default)
    {
        if (rest.IsEmpty)
        {
            if (await client.ReadAsync(cancellationToken) is not { } input)
            {
                return 0;
            }

            rest = input.Size is { } size
                ? FrameWriter.Encode(FrameKind.Control, Encoding.ASCII.GetBytes(Resize(size)), ref frame)
                : FrameWriter.Encode(FrameKind.Output, input.Bytes.Span, ref frame);
        }

        var taken = Math.Min(rest.Length, buffer.Length);
        rest[..taken].CopyTo(buffer);
        rest = rest[taken..];
        return taken;
    }

    private static string Resize(ConsoleSize size) =>
        string.Create(CultureInfo.InvariantCulture, $$$"""{"resize":{"rows":{{{size.Rows}}},"columns":{{{size.Columns}}}}}""");
}
