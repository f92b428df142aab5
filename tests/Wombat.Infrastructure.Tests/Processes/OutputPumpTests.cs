using System.IO.Pipes;
using Microsoft.Win32.SafeHandles;
using Wombat.Infrastructure.Processes;

namespace Wombat.Infrastructure.Tests.Processes;

/// <summary>Reading the output of a program that has ended.</summary>
public sealed class OutputPumpTests
{
    [Test]
    public async Task Output_ThatABusyMachineReadsLate_IsComplete()
    {
        await using var stdout = new AnonymousPipeServerStream(PipeDirection.Out);
        await using var stderr = new AnonymousPipeServerStream(PipeDirection.Out);
        await using var late = new LatePipe(stdout.GetClientHandleAsString());
        await using var other = new AnonymousPipeClientStream(PipeDirection.In, stderr.GetClientHandleAsString());
        await stdout.WriteAsync("all of it\n"u8.ToArray());

        // Both pipes stay open, as a process does that the program has left behind.
        var output = new CapturedOutput(1000, null);
        await new OutputPump(late, other, Task.CompletedTask, output).RunAsync(default);

        Assert.That(output.Output, Is.EqualTo("all of it\n"));
    }

    private sealed class LatePipe : PipeStream
    {
        public LatePipe(string handle)
            : base(PipeDirection.In, bufferSize: 0)
        {
            InitializeHandle(new SafePipeHandle(nint.Parse(handle), ownsHandle: true), isExposed: false, isAsync: true);
            IsConnected = true;
        }

        public override async ValueTask<int> ReadAsync(Memory<byte> buffer, CancellationToken cancellationToken = default)
        {
            await Task.Delay(700, cancellationToken);
            return await base.ReadAsync(buffer, cancellationToken);
        }
    }
}
