using System.Net;
using System.Net.Sockets;
using Wombat.Infrastructure.Postgres;
using Wombat.Infrastructure.Processes;

namespace Wombat.Infrastructure.Plugins.LocalPostgres;

/// <summary>Starts and stops the server of one data directory. The server runs on when Wombat ends.</summary>
internal sealed class InstanceServer(InstanceFolder folder, PostgresInstallation installation)
{
    private const string Program = "postgres";
    private const int SigHup = 1;
    private const int SigInt = 2;
    private const int SigQuit = 3;
    private const int SigKill = 9;
    private static readonly TimeSpan StartTimeout = TimeSpan.FromSeconds(60);
    private static readonly TimeSpan FastTimeout = TimeSpan.FromSeconds(30);
    private static readonly TimeSpan ImmediateTimeout = TimeSpan.FromSeconds(10);
    private static readonly TimeSpan PollInterval = TimeSpan.FromMilliseconds(20);

    private readonly PostmasterPidFile pidFile = new(folder.Data);

    /// <summary>The process ids of the server and its sessions.</summary>
    public static IReadOnlyList<int> Processes(InstanceFolder folder) => FolderProcesses.In(folder.Data, Program);

    public bool IsRunning => pidFile.IsOfRunningServer();

    // A recovery without sessions says "standby" from its beginning.
    private bool IsReady(ServerMode mode) =>
        pidFile.Status is var status && (status == "ready" || (status == "standby" && mode == ServerMode.Standby));

    /// <summary>Whether a running server was started in this mode.</summary>
    public bool RunsAs(ServerMode mode) =>
        mode switch
        {
            ServerMode.Normal => pidFile.ListensOnTcp && !File.Exists(folder.StandbySignal),
            ServerMode.Standby => pidFile.ListensOnTcp && File.Exists(folder.StandbySignal),
            _ => !pidFile.ListensOnTcp,
        };

    public static bool IsPortFree(IPAddress address, int port)
    {
        try
        {
            using var listener = new TcpListener(address, port) { ExclusiveAddressUse = true };
            listener.Start();
            return true;
        }
        catch (SocketException)
        {
            return false;
        }
    }

    /// <summary>
    /// Starts the server with the configuration in its data directory, and waits until it accepts connections; a recovery may take
    /// long, and the server is never ended for it.
    /// </summary>
    /// <exception cref="ServerStartException">The server has ended; the message is the reason from its log.</exception>
    public async Task StartAsync(int? memoryMib, ServerMode mode, CancellationToken cancel)
    {
        if (!IsRunning)
        {
            await RemoveRemainsAsync(cancel);
            PrepareFolder();
            var log = new ServerLog(folder);
            await RunPgCtlAsync(memoryMib, cancel);
            await WaitUntilReadyAsync(log, mode, cancel);
        }
        else
        {
            await WaitUntilReadyAsync(new ServerLog(folder), mode, cancel);
        }
    }

    /// <summary>Lets a running server read its configuration again.</summary>
    public void Reload()
    {
        if (pidFile.FindServer() is { } id)
        {
            FolderProcesses.Signal(id, SigHup, folder.Data, Program);
        }
    }

    /// <summary>Ends all sessions and stops the server with a checkpoint; without one if that takes too long.</summary>
    public async Task StopAsync(CancellationToken cancel)
    {
        if (pidFile.FindServer() is { } id)
        {
            FolderProcesses.Signal(id, SigInt, folder.Data, Program);
            if (!await WaitAsync(() => !FolderProcesses.In(folder.Data, Program).Contains(id), FastTimeout, cancel))
            {
                FolderProcesses.Signal(id, SigQuit, folder.Data, Program);
                await WaitAsync(() => !FolderProcesses.In(folder.Data, Program).Contains(id), ImmediateTimeout, cancel);
            }
        }

        await RemoveRemainsAsync(cancel);
    }

    /// <summary>Ends every process that works in the folder, before it is removed or its creation is repeated.</summary>
    public async Task EndAllAsync(CancellationToken cancel)
    {
        await StopAsync(cancel);
        string[] programs = [Program, "initdb", "pg_ctl", "setpriv", "setsid", "prlimit"];
        foreach (var place in new[] { folder.Draft, folder.Discarded, folder.Path })
        {
            foreach (var id in FolderProcesses.In(place, programs))
            {
                FolderProcesses.Signal(id, SigKill, place, programs);
            }

            await WaitAsync(() => FolderProcesses.In(place, programs).Count == 0, ImmediateTimeout, cancel);
        }
    }

    // Sessions outlive a server that was killed, and a file that names another process would keep the server from starting.
    private async Task RemoveRemainsAsync(CancellationToken cancel)
    {
        if (IsRunning)
        {
            return;
        }

        foreach (var signal in new[] { SigQuit, SigKill })
        {
            var remains = FolderProcesses.In(folder.Data, Program);
            foreach (var id in remains)
            {
                FolderProcesses.Signal(id, signal, folder.Data, Program);
            }

            if (remains.Count == 0 || await WaitAsync(() => FolderProcesses.In(folder.Data, Program).Count == 0, ImmediateTimeout, cancel))
            {
                break;
            }
        }

        if (pidFile.Exists && !IsRunning)
        {
            pidFile.DeleteIfOfAnotherProcess();
        }
    }

    private void PrepareFolder()
    {
        installation.User.CreatePrivateDirectory(folder.Socket);
        if (!File.Exists(folder.Log))
        {
            PrivateFiles.Write(folder.Log, "");
        }

        installation.User.ChangeOwner(folder.Log);
    }

    // The exit code is not reliable: the server may be recovering, or may have ended later. The state of the process counts.
    private async Task RunPgCtlAsync(int? memoryMib, CancellationToken cancel)
    {
        // Programs, libraries and caches; a quarter of the memory is shared_buffers, a half is for the session. So a session reaches its
        // own limit, which is an error of its statement, before the server reaches that of its control group, which ends all sessions.
        const int AddressSpaceBase = 120;
        var seconds = ((int)StartTimeout.TotalSeconds).ToString();
        await installation.RunAsync(
            "pg_ctl",
            ["-D", "data", "-l", "log", "-w", "-t", seconds, "-s", "start"],
            folder.Path,
            StartTimeout + FastTimeout,
            cancel,
            AddressSpaceBase + (memoryMib * 3 / 4)
        );
    }

    private async Task WaitUntilReadyAsync(ServerLog log, ServerMode mode, CancellationToken cancel)
    {
        while (!IsRunning || !IsReady(mode))
        {
            if (!IsRunning)
            {
                throw new ServerStartException(log.Failure());
            }

            await Task.Delay(PollInterval, cancel);
        }
    }

    private static async Task<bool> WaitAsync(Func<bool> condition, TimeSpan limit, CancellationToken cancel)
    {
        var from = TimeProvider.System.GetTimestamp();
        while (!condition())
        {
            if (TimeProvider.System.GetElapsedTime(from) > limit)
            {
                return false;
            }

            await Task.Delay(PollInterval, cancel);
        }

        return true;
    }
}
