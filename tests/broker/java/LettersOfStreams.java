import java.nio.ByteBuffer;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.StandardCharsets;
import java.util.Properties;
import org.apache.kafka.common.errors.SerializationException;
import org.apache.kafka.common.serialization.Deserializer;
import org.apache.kafka.common.serialization.Serdes;
import org.apache.kafka.common.serialization.StringSerializer;
import org.apache.kafka.streams.KafkaStreams;
import org.apache.kafka.streams.StreamsBuilder;
import org.apache.kafka.streams.errors.LogAndContinueExceptionHandler;
import org.apache.kafka.streams.kstream.Consumed;
import org.apache.kafka.streams.kstream.Produced;

/** An application of Kafka Streams that copies a topic, and sends away what is no text (KIP-1034). */
public class LettersOfStreams {
    public static class Text implements Deserializer<String> {
        public String deserialize(String topic, byte[] data) {
            try {
                return data == null ? null : StandardCharsets.UTF_8.newDecoder().decode(ByteBuffer.wrap(data)).toString();
            } catch (CharacterCodingException bad) {
                throw new SerializationException("not UTF-8", bad);
            }
        }
    }

    /** Bootstrap, application, topic, queue, topic of the copies, folder. It runs until its standard input ends. */
    public static void main(String[] words) throws Exception {
        Properties settings = new Properties();
        settings.put("bootstrap.servers", words[0]);
        settings.put("application.id", words[1]);
        settings.put("state.dir", words[5]);
        settings.put("commit.interval.ms", "500");
        settings.put("auto.offset.reset", "earliest");
        settings.put("errors.dead.letter.queue.topic.name", words[3]);
        settings.put("deserialization.exception.handler", LogAndContinueExceptionHandler.class.getName());
        StreamsBuilder builder = new StreamsBuilder();
        builder.stream(words[2], Consumed.with(Serdes.ByteArray(), Serdes.serdeFrom(new StringSerializer(), new Text())))
            .to(words[4], Produced.with(Serdes.ByteArray(), Serdes.String()));
        KafkaStreams streams = new KafkaStreams(builder.build(), settings);
        streams.start();
        while (System.in.read() >= 0) { }
        streams.close();
    }
}
