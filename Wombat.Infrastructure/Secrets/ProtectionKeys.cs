using System.Security.Cryptography;
using System.Text;
using System.Xml.Linq;
using Microsoft.AspNetCore.DataProtection.Repositories;
using Microsoft.Extensions.Logging;
using Npgsql;
using Wombat.Infrastructure.Persistence;

namespace Wombat.Infrastructure.Secrets;

/// <summary>Stores ASP.NET Core's data protection keys, encrypted, in PostgreSQL, so that all replicas share them and they survive restarts.</summary>
public sealed class ProtectionKeys(NpgsqlDataSource database, SecretBox box, ILogger<ProtectionKeys> log) : IXmlRepository
{
    public IReadOnlyCollection<XElement> GetAllElements()
    {
        using var command = database.CreateCommand("select xml from data_protection_keys");
        using var reader = command.ExecuteReader();
        var elements = new List<XElement>();
        while (reader.Read())
        {
            try
            {
                elements.Add(XElement.Parse(Encoding.UTF8.GetString(box.Open(Purposes.DataProtection, reader.GetFieldValue<byte[]>(0)))));
            }
            catch (CryptographicException e)
            {
                // What it protected is lost, at most a sign-in in progress; a new key is created.
                log.LogWarning("Ignoring a DataProtection key that cannot be decrypted with secrets.key_file: {Error}", e.Message);
            }
        }

        return elements;
    }

    public void StoreElement(XElement element, string friendlyName)
    {
        var value = box.Seal(Purposes.DataProtection, Encoding.UTF8.GetBytes(element.ToString(SaveOptions.DisableFormatting)));
        using var command = Sql(
                $"insert into data_protection_keys (name, xml) values ({friendlyName}, {value}) on conflict (name) do update set xml = excluded.xml"
            )
            .CreateCommand(database);
        command.ExecuteNonQuery();
    }

    private static SqlText Sql(SqlText sql) => sql;
}
