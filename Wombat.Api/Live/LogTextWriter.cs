using System.Text;
using Wombat.Application.Jobs;
using Wombat.Domain.Common;

namespace Wombat.Api.Live;

/// <summary>Writes a log as text that a terminal may show. A partial line ends when the next one does not continue it.</summary>
internal sealed class LogTextWriter(HttpResponse response)
{
    private bool isOpen;

    public async Task WriteAsync(LogBlock block, long after, CancellationToken cancel)
    {
        var text = new StringBuilder();
        foreach (var line in block.Lines(after))
        {
            text.Append(isOpen && line.Replaces ? "\n" : "").Append(ExternalText.ForTerminal(line.Text)).Append(line.Partial ? "" : "\n");
            isOpen = line.Partial;
        }

        await response.WriteAsync(text.ToString(), cancel);
        await response.Body.FlushAsync(cancel);
    }

    /// <summary>Ends an unfinished line and writes a last line.</summary>
    public Task EndAsync(string line, CancellationToken cancel) => response.WriteAsync($"{(isOpen ? "\n" : "")}{line}\n", cancel);
}
