using System.Security.Cryptography;
using System.Text;
using System.Xml.Linq;
using Microsoft.AspNetCore.DataProtection.Repositories;
using Microsoft.Extensions.Logging;
using Npgsql;

namespace Wombat.Infrastructure.Secrets;

/// <summary>The framework's DataProtection keys, sealed, in PostgreSQL: what one replica protects, every other reads, also after a restart.</summary>
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
                // What it protected is lost, a sign-in under way at most; a new one is made.
                log.LogWarning("A key of DataProtection is left out: {Error}", e.Message);
            }
        }

        return elements;
    }

    public void StoreElement(XElement element, string friendlyName)
    {
        using var command = database.CreateCommand(
            "insert into data_protection_keys (name, xml) values ($1, $2) on conflict (name) do update set xml = excluded.xml"
        );
        command.Parameters.Add(new NpgsqlParameter<string> { TypedValue = friendlyName });
        command.Parameters.Add(
            new NpgsqlParameter<byte[]>
            {
                TypedValue = box.Seal(Purposes.DataProtection, Encoding.UTF8.GetBytes(element.ToString(SaveOptions.DisableFormatting))),
            }
        );
        command.ExecuteNonQuery();
    }
}
