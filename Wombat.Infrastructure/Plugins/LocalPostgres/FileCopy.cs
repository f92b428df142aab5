using System.Security.Cryptography;
using Wombat.Infrastructure.Processes;

namespace Wombat.Infrastructure.Plugins.LocalPostgres;

/// <summary>Copies files of data directories to disk and computes their checksums on the way.</summary>
internal static class FileCopy
{
    private const int BufferSize = 512 * 1024;

    /// <exception cref="FileNotFoundException">The source does not exist, or no longer.</exception>
    public static BackupFile Copy(string source, string target, string name)
    {
        using var input = new FileStream(
            source,
            new FileStreamOptions
            {
                Share = FileShare.ReadWrite | FileShare.Delete,
                BufferSize = 0,
                Options = FileOptions.SequentialScan,
            }
        );
        using var output = new FileStream(
            target,
            new FileStreamOptions
            {
                Mode = FileMode.Create,
                Access = FileAccess.Write,
                BufferSize = 0,
                UnixCreateMode = PrivateFiles.FileMode,
            }
        );
        using var hash = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
        var buffer = GC.AllocateUninitializedArray<byte>(BufferSize);
        long bytes = 0;
        for (int read; (read = input.Read(buffer)) > 0; bytes += read)
        {
            hash.AppendData(buffer, 0, read);
            output.Write(buffer, 0, read);
        }

        output.Flush(flushToDisk: true);
        return new BackupFile(name, bytes, Convert.ToHexStringLower(hash.GetHashAndReset()));
    }
}
